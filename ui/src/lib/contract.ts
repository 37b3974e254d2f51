// Written by `make contract` from crates/contract. Never edited by hand.

export type AnswerCheck = { request: string, check: string, passed: boolean, note: string | null, files: Array<string> };

export type AnswerFounding = { offer: string, heard: HeardFingerprint, answer: string, half: string };

export type Attach = { ledger: string, heard: HeardFingerprint | null };

export type AuditView = { clean: boolean, size: number, root: string, first_bad: [number, string] | null, bad: Array<[number, string]>, notes: Array<string>, unheard: Array<[string, string]>, erased: number, checkpoint_by: string | null, witnessed: WitnessedView | null };

export type ById = { id: string };

export type ByPath = { path: string };

export type CallChannel = "phone" | "video" | "in-person";

export type CardView = { name: string, expires: number, known: boolean };

export type CardWish = { relay: string | null };

export type ChangeView = { id: string, what: string, whose: string, by: string, time: number, mine: boolean, body: string, compared: Array<IdentityCheckView> };

export type CheckView = { check: string, passed: boolean | null, by: string | null, notes: Array<string>, files: Array<EvidenceFileView>, erased: number };

export type ChooseFile = { wish: FileWish, name: string | null };

export type ChooseProfile = { folder: string };

export type CodeForm = "png" | "svg";

export type CompareMember = { id: string, heard: HeardFingerprint };

export type CompleteFounding = { answer: string, heard: HeardFingerprint, ledger: string };

export type ConfirmAnswer = { id: string, yes: boolean };

export type ConfirmField = { name: string, of: string, kind: string, before: string | null, after: string | null };

export type ConfirmLine = { name: string, value: string, time: number | null };

export type ConfirmView = { id: string, act: string, lines: Array<ConfirmLine>, fields: Array<ConfirmField>, exact: string, hashed: string, digest: string, armed_after: number };

export type Document = { text: string };

export type DocumentView = { version: number, text: string };

export type DraftOf = { revises: string | null, renews: string | null };

export type DueView = { kind: string, subject: string, urgency: string, by: number | null, text: string, command: string };

export type EntriesWish = { from: number, limit: number };

export type EntryView = { seq: number, time: number, by: string, event: string, op_id: string, digest: string, body: string };

export type EnvelopeSource = { envelope: Incoming, secret: string };

export type EnvelopeView = { id: string, organisation: string, expires: number, service: string, environment: string, scopes: Array<string>, networks: Array<string>, key_expires: number, base_url: string, signatures: Array<SignatureView>, on_receipt: boolean, notes: Array<string> };

export type EvidenceFileView = { digest: string, name: string, bytes: number };

export type Export = { out: string, form: ExportForm };

export type ExportForm = "json" | "csv";

export type Extent = { scopes: Array<string>, networks: Array<string>, days: number };

export type Failure = { code: string, message: string, advice: string };

export type FileWish = "open" | "save" | "folder";

export type FindingView = { code: string, severity: string, detail: string | null, justified: boolean };

export type Form = { organisation: string, revises: string | null, company: string, person: string, role: string, email: string, incident_contact: string, why: string, workflow: string, usage: string, data: string, safeguards: string, service: string, environment: string, scopes: Array<string>, networks: Array<string>, days: number, answers: Array<[string, string]>, renews: string | null };

export type Found = { name: string, offer: string, half: string };

export type GivenView = { files: Array<string>, letters: Array<string>, cards: Array<string>, link: string | null };

export type HandOver = { key: string, out: string };

export type HandOverCodes = { key: string, folder: string, form: CodeForm };

export type HandWorkView = { key: KeyView, issuer: string | null, instructions: string | null, ordered: number | null, by: string | null };

export type HandedOverView = { key: KeyView, files: Array<string>, secret: string, expires: number };

export type HeardFingerprint = { typed: string, channel: CallChannel, source: string };

export type HeldKeyView = { id: string, organisation: string, service: string, environment: string, expires: number, opened: number, scopes: Array<string>, base_url: string, receipt: boolean };

export type HistoryView = { time: number, by: string, event: string, subject: string | null, text: string | null, passed: boolean | null };

export type IdentityCheckView = { by: string, time: number, channel: string, source: string, attended: boolean };

export type ImportView = { what: string, id: string };

export type Incoming = { files: Array<string>, text: string | null };

export type Issue = { request: string, pasted: SecretFrom | null, path: string | null };

export type IssuerView = { id: string, kind: string, location: string | null, stopped: boolean };

export type Justify = { request: string, finding: string, reason: string };

export type KeyView = { id: string, holder: string, holder_id: string, service: string, environment: string, scopes: Array<string>, class: string, state: string, not_after: number | null, legacy: boolean, stop: string | null, request: string | null, next: string | null, reported: number | null };

export type LeakSource = { from: SecretFrom, path: string | null };

export type LeakView = { key: KeyView, line: number, siblings: Array<KeyView> };

export type LinkFrom = "clipboard" | "file" | "kept";

export type LinkSentView = { key: KeyView, expires: number, seconds: number | null };

export type LinkSource = { from: LinkFrom, path: string | null };

export type ListWish = { state: string | null, text: string | null, limit: number, offset: number };

export type MakeProfile = { kind: ProfileKind, name: string };

export type MemberView = { id: string, person: string, name: string, rights: Array<string>, agent: boolean, suspended: boolean, expires: number, me: boolean, compared: Array<IdentityCheckView> };

export type Narrow = { request: string, to: Extent, from: Extent };

export type Nothing = Record<symbol, never>;

export type Objection = { key: string, why: string };

export type OfferedEnvironment = { id: string, class: string, base_url: string, longest_days: number };

export type OfferedScope = { name: string, class: string, endpoints: Array<string> };

export type OfferedService = { id: string, name: string, text: string | null, environments: Array<OfferedEnvironment>, scopes: Array<OfferedScope> };

export type OrganisationView = { id: string, name: string, fingerprint: string, words: string, root: number, members: number, entries: number, policy: number, catalogue: number, card: number, compared: Array<IdentityCheckView>, unheard: Array<[string, string]> };

export type Out = { id: string, out: string };

export type OwnRequestView = { id: string, organisation: string, revision: number, service: string, environment: string, state: string, message: string | null, next: string, sent: number };

export type Paper = { keys: Array<string>, language: string, out: string };

export type PinCard = { card: Incoming, heard: HeardFingerprint | null };

export type PinView = { id: string, name: string, card_expires: number, attended: boolean, compared: number, channel: string | null, source: string, offers: Array<string>, services: Array<OfferedService>, questions: Array<[string, string]> };

export type ProfileEntry = { folder: string, name: string, kind: string | null, person: string | null, organisations: Array<string> };

export type ProfileKind = "desk" | "inbox";

export type Progress = { work: Work, done: number, total: number };

export type ProposeMember = { card: string, heard: HeardFingerprint, rights: Array<string> };

export type Prove = { seq: number, out: string };

export type RelayView = { organisation: string, name: string, origin: string, reached: number | null, failure: Failure | null, unread: Array<Failure>, witnessed: WitnessedView | null };

export type RelaysView = { relays: Array<RelayView>, waiting: number, withdrawals: Array<string> };

export type RenewMember = { id: string, rights: Array<string> | null };

export type Reply = { request: string, text: string, out: string };

export type RequestDetail = { summary: RequestView, applicant: Array<[string, string]>, purpose: Array<[string, string]>, answers: Array<[string, string]>, networks: Array<string>, granted_scopes: Array<string>, granted_networks: Array<string>, granted_days: number, unenforceable: Array<string>, findings: Array<FindingView>, checks: Array<CheckView>, identity_checks: Array<IdentityCheckView>, calls_needed: number, callers: number, call_mine: boolean, call_others: Array<string>, signatures: Array<SignatureView>, quorum: number, grant: string | null, history: Array<HistoryView>, refusal: Failure | null, not_yet: Failure | null, anew: Failure | null };

export type RequestView = { id: string, company: string, contact: string, service: string, environment: string, scopes: Array<string>, days: number, state: string, received: number, waits_for: string, keys: Array<string>, since: number, due: number | null, mine: boolean, unread: boolean, blocked: Array<string> };

export type RevealView = { key: string, service: string, seconds: number };

export type Rotate = { key: string, pasted: SecretFrom | null, path: string | null };

export type SamplePerson = { name: string, role: string, folder: string, here: boolean, fingerprint: string };

export type SaveEvidence = { request: string, digest: string, out: string };

export type SaveForm = "dotenv" | "kubernetes" | "compose";

export type SaveKey = { id: string, form: SaveForm, out: string, name: string | null };

export type SecretFrom = "clipboard" | "file";

export type Selected = { keys: Array<string>, holder: string | null, service: string | null, environment: string | null };

export type SendForm = { form: Form, out: string };

export type SendLink = { key: string, language: string, out: string | null };

export type Settings = { theme: string, language: string, zoom: number, idle_minutes: number, notify: boolean, key_columns: Array<string> };

export type SignatureView = { name: string, person: string, step: string, time: number };

export type StatusView = { state: string, kind: string | null, name: string | null, fingerprint: string | null, organisation: string | null, founding: boolean, rights: Array<string>, sample: boolean, folder: string, sample_folder: string, left: Array<string>, people: Array<SamplePerson> };

export type StopHow = "revoke" | "disable";

export type StopOrder = { selected: Selected, how: StopHow, reason: string };

export type StopView = { key: string, holder: string, service: string, environment: string, state: string, detail: string, by_hand: boolean, recorded: boolean, kept: boolean, why: string | null, issuer: string | null, instructions: string | null };

export type StopWish = { selected: Selected, how: StopHow };

export type StoppedByHand = { key: string, note: string };

export type Suspend = { member: string, why: string, propose: boolean };

export type TakenBackView = { key: KeyView, outcome: string, at: number | null };

export type Typed = { id: string, typed: string, channel: CallChannel, source: string };

export type VaultAnswer = { typed: string, again: string | null };

export type VaultQuestion = { step: string, profile: string, recovery: string | null, failure: Failure | null };

export type WaitingView = { files: Array<string>, relay: string | null, readers: Array<string> };

export type WitnessedView = { size: number, time: number };

export type Work = "verify" | "stop" | "record";

export type WriteAbout = { id: string, text: string, out: string };

export type Zoom = { percent: number };

export interface Calls {
  'profiles/list': { request: Nothing; answer: Array<ProfileEntry> };
  'profiles/waiting': { request: Nothing; answer: WaitingView };
  'profiles/choose': { request: ChooseProfile; answer: StatusView };
  'profiles/make': { request: MakeProfile; answer: Nothing };
  'profiles/try_it': { request: Nothing; answer: Nothing };
  'profiles/go_on_as': { request: ChooseProfile; answer: Nothing };
  'profiles/end_sample': { request: Nothing; answer: Nothing };
  'session/status': { request: Nothing; answer: StatusView };
  'session/unlock': { request: Nothing; answer: Nothing };
  'session/lock': { request: Nothing; answer: Nothing };
  'session/active': { request: Nothing; answer: Nothing };
  'session/given': { request: Nothing; answer: GivenView };
  'session/settings': { request: Nothing; answer: Settings };
  'session/change_settings': { request: Settings; answer: Settings };
  'session/zoom': { request: Zoom; answer: Settings };
  'session/choose_file': { request: ChooseFile; answer: string | null };
  'session/paste_codes': { request: Nothing; answer: string };
  'session/write_card': { request: ByPath; answer: Nothing };
  'vault/read': { request: Nothing; answer: VaultQuestion };
  'vault/answer': { request: VaultAnswer; answer: VaultQuestion };
  'vault/cancel': { request: Nothing; answer: Nothing };
  'confirm/read': { request: Nothing; answer: ConfirmView };
  'confirm/answer': { request: ConfirmAnswer; answer: Array<StopView> };
  'due/list': { request: Nothing; answer: Array<DueView> };
  'founding/begin': { request: Found; answer: Nothing };
  'founding/answer': { request: AnswerFounding; answer: Nothing };
  'founding/complete': { request: CompleteFounding; answer: OrganisationView };
  'founding/attach': { request: Attach; answer: OrganisationView };
  'requests/list': { request: ListWish; answer: Array<RequestView> };
  'requests/show': { request: ById; answer: RequestDetail };
  'requests/import': { request: Incoming; answer: ImportView };
  'requests/check': { request: AnswerCheck; answer: RequestDetail };
  'requests/save_evidence': { request: SaveEvidence; answer: Nothing };
  'requests/justify': { request: Justify; answer: RequestDetail };
  'requests/narrow': { request: Narrow; answer: RequestDetail };
  'requests/compare': { request: Typed; answer: RequestDetail };
  'requests/ask': { request: Reply; answer: RequestDetail };
  'requests/decline': { request: Reply; answer: RequestDetail };
  'requests/vet': { request: ById; answer: Nothing };
  'requests/countersign': { request: ById; answer: Nothing };
  'keys/list': { request: ListWish; answer: Array<KeyView> };
  'keys/show': { request: ById; answer: KeyView };
  'keys/issue': { request: Issue; answer: KeyView };
  'keys/rotate': { request: Rotate; answer: KeyView };
  'keys/abandon': { request: ById; answer: KeyView };
  'keys/hand_over': { request: HandOver; answer: HandedOverView };
  'keys/hand_over_codes': { request: HandOverCodes; answer: HandedOverView };
  'keys/finish': { request: Nothing; answer: Array<KeyView> };
  'keys/import_old': { request: ByPath; answer: Array<KeyView> };
  'keys/export': { request: Export; answer: Nothing };
  'stops/preview': { request: StopWish; answer: Array<KeyView> };
  'stops/order': { request: StopOrder; answer: Nothing };
  'stops/retry': { request: Nothing; answer: Array<StopView> };
  'stops/object': { request: Objection; answer: KeyView };
  'stops/by_hand': { request: StoppedByHand; answer: KeyView };
  'stops/hand_work': { request: ById; answer: HandWorkView };
  'stops/write_sheet': { request: Paper; answer: Nothing };
  'leaks/find': { request: LeakSource; answer: Array<LeakView> };
  'leaks/write_report': { request: Paper; answer: Nothing };
  'ledger/entries': { request: EntriesWish; answer: Array<EntryView> };
  'ledger/cut_off': { request: Nothing; answer: Failure | null };
  'ledger/verify': { request: Nothing; answer: AuditView };
  'ledger/stop_verifying': { request: Nothing; answer: Nothing };
  'ledger/prove': { request: Prove; answer: Nothing };
  'ledger/export': { request: Export; answer: Nothing };
  'team/organisation': { request: Nothing; answer: OrganisationView };
  'team/members': { request: Nothing; answer: Array<MemberView> };
  'team/changes': { request: Nothing; answer: Array<ChangeView> };
  'team/propose': { request: ProposeMember; answer: Array<ChangeView> };
  'team/compare': { request: CompareMember; answer: Array<MemberView> };
  'team/renew': { request: RenewMember; answer: Array<ChangeView> };
  'team/confirm': { request: ById; answer: Nothing };
  'team/drop_change': { request: ById; answer: Array<ChangeView> };
  'team/suspend': { request: Suspend; answer: Array<MemberView> };
  'team/rekey': { request: Nothing; answer: Array<MemberView> };
  'rules/policy': { request: Nothing; answer: DocumentView };
  'rules/propose_policy': { request: Document; answer: Array<ChangeView> };
  'rules/catalogue': { request: Nothing; answer: DocumentView };
  'rules/propose_catalogue': { request: Document; answer: Array<ChangeView> };
  'rules/issuers': { request: Nothing; answer: Array<IssuerView> };
  'rules/propose_issuer': { request: Document; answer: Array<ChangeView> };
  'rules/propose_card': { request: CardWish; answer: Array<ChangeView> };
  'rules/write_organisation_card': { request: ByPath; answer: Nothing };
  'organisations/list': { request: Nothing; answer: Array<PinView> };
  'organisations/inspect': { request: Incoming; answer: CardView };
  'organisations/pin': { request: PinCard; answer: PinView };
  'asks/list': { request: Nothing; answer: Array<OwnRequestView> };
  'asks/draft': { request: DraftOf; answer: Form | null };
  'asks/keep_draft': { request: Form; answer: Nothing };
  'asks/form': { request: ById; answer: Form };
  'asks/renewal': { request: ById; answer: Form };
  'asks/send': { request: SendForm; answer: OwnRequestView };
  'asks/withdraw': { request: Out; answer: OwnRequestView };
  'asks/read': { request: Incoming; answer: OwnRequestView };
  'envelopes/inspect': { request: EnvelopeSource; answer: EnvelopeView };
  'envelopes/open': { request: EnvelopeSource; answer: HeldKeyView };
  'envelopes/held': { request: Nothing; answer: Array<HeldKeyView> };
  'envelopes/save': { request: SaveKey; answer: Nothing };
  'envelopes/copy': { request: ById; answer: Nothing };
  'envelopes/reveal': { request: ById; answer: Nothing };
  'envelopes/write_receipt': { request: Out; answer: Nothing };
  'envelopes/report_leak': { request: WriteAbout; answer: Nothing };
  'relay/state': { request: Nothing; answer: RelaysView };
  'relay/sync': { request: Nothing; answer: RelaysView };
  'relay/invite': { request: ByPath; answer: Nothing };
  'relay/send_link': { request: SendLink; answer: LinkSentView };
  'relay/take_back': { request: ById; answer: TakenBackView };
  'relay/fetch': { request: LinkSource; answer: EnvelopeView };
  'relay/open': { request: Nothing; answer: HeldKeyView };
  'relay/leave': { request: Nothing; answer: Nothing };
  'reveal/read': { request: Nothing; answer: RevealView };
}

/** Which windows may make which call. */
export const windows: Record<keyof Calls, string[]> = {
  'profiles/list': ['start'],
  'profiles/waiting': ['start'],
  'profiles/choose': ['start'],
  'profiles/make': ['start'],
  'profiles/try_it': ['start'],
  'profiles/go_on_as': ['start', 'desk', 'inbox'],
  'profiles/end_sample': ['start', 'desk', 'inbox'],
  'session/status': ['start', 'desk', 'inbox', 'vault', 'confirm', 'reveal'],
  'session/unlock': ['start'],
  'session/lock': ['desk', 'inbox'],
  'session/active': ['start', 'desk', 'inbox', 'vault', 'confirm', 'reveal'],
  'session/given': ['desk', 'inbox'],
  'session/settings': ['start', 'desk', 'inbox', 'vault', 'confirm', 'reveal'],
  'session/change_settings': ['start', 'desk', 'inbox'],
  'session/zoom': ['start', 'desk', 'inbox', 'vault', 'confirm', 'reveal'],
  'session/choose_file': ['start', 'desk', 'inbox'],
  'session/paste_codes': ['desk', 'inbox'],
  'session/write_card': ['desk', 'inbox'],
  'vault/read': ['vault'],
  'vault/answer': ['vault'],
  'vault/cancel': ['vault'],
  'confirm/read': ['confirm'],
  'confirm/answer': ['confirm'],
  'due/list': ['desk', 'inbox'],
  'founding/begin': ['desk'],
  'founding/answer': ['desk'],
  'founding/complete': ['desk'],
  'founding/attach': ['desk'],
  'requests/list': ['desk'],
  'requests/show': ['desk'],
  'requests/import': ['desk'],
  'requests/check': ['desk'],
  'requests/save_evidence': ['desk'],
  'requests/justify': ['desk'],
  'requests/narrow': ['desk'],
  'requests/compare': ['desk'],
  'requests/ask': ['desk'],
  'requests/decline': ['desk'],
  'requests/vet': ['desk'],
  'requests/countersign': ['desk'],
  'keys/list': ['desk'],
  'keys/show': ['desk'],
  'keys/issue': ['desk'],
  'keys/rotate': ['desk'],
  'keys/abandon': ['desk'],
  'keys/hand_over': ['desk'],
  'keys/hand_over_codes': ['desk'],
  'keys/finish': ['desk'],
  'keys/import_old': ['desk'],
  'keys/export': ['desk'],
  'stops/preview': ['desk'],
  'stops/order': ['desk'],
  'stops/retry': ['desk'],
  'stops/object': ['desk'],
  'stops/by_hand': ['desk'],
  'stops/hand_work': ['desk'],
  'stops/write_sheet': ['desk'],
  'leaks/find': ['desk'],
  'leaks/write_report': ['desk'],
  'ledger/entries': ['desk'],
  'ledger/cut_off': ['desk'],
  'ledger/verify': ['desk'],
  'ledger/stop_verifying': ['desk'],
  'ledger/prove': ['desk'],
  'ledger/export': ['desk'],
  'team/organisation': ['desk'],
  'team/members': ['desk'],
  'team/changes': ['desk'],
  'team/propose': ['desk'],
  'team/compare': ['desk'],
  'team/renew': ['desk'],
  'team/confirm': ['desk'],
  'team/drop_change': ['desk'],
  'team/suspend': ['desk'],
  'team/rekey': ['desk'],
  'rules/policy': ['desk'],
  'rules/propose_policy': ['desk'],
  'rules/catalogue': ['desk'],
  'rules/propose_catalogue': ['desk'],
  'rules/issuers': ['desk'],
  'rules/propose_issuer': ['desk'],
  'rules/propose_card': ['desk'],
  'rules/write_organisation_card': ['desk'],
  'organisations/list': ['inbox'],
  'organisations/inspect': ['inbox'],
  'organisations/pin': ['inbox'],
  'asks/list': ['inbox'],
  'asks/draft': ['inbox'],
  'asks/keep_draft': ['inbox'],
  'asks/form': ['inbox'],
  'asks/renewal': ['inbox'],
  'asks/send': ['inbox'],
  'asks/withdraw': ['inbox'],
  'asks/read': ['inbox'],
  'envelopes/inspect': ['inbox'],
  'envelopes/open': ['inbox'],
  'envelopes/held': ['inbox'],
  'envelopes/save': ['inbox'],
  'envelopes/copy': ['inbox'],
  'envelopes/reveal': ['inbox'],
  'envelopes/write_receipt': ['inbox'],
  'envelopes/report_leak': ['inbox'],
  'relay/state': ['desk', 'inbox'],
  'relay/sync': ['desk', 'inbox'],
  'relay/invite': ['desk'],
  'relay/send_link': ['desk'],
  'relay/take_back': ['desk'],
  'relay/fetch': ['inbox'],
  'relay/open': ['inbox'],
  'relay/leave': ['inbox'],
  'reveal/read': ['reveal'],
};
