//! The calls, area by area, and the windows they may come from.

use crate::{
    Failure,
    requests::*,
    surface::{Area, Command, Misdirected, Nothing, Window, surface},
    views::*,
};

surface! {
    /// Profiles of this machine.
    profiles: Profiles {
        /// Those there are.
        list(Nothing) -> Vec<ProfileEntry>, from Start;
        /// What waits until one is chosen and unlocked.
        waiting(Nothing) -> WaitingView, from Start;
        /// Goes on with one.
        choose(ChooseProfile) -> StatusView, from Start;
        /// Makes one: the vault's window asks how it is to be locked.
        make(MakeProfile) -> Nothing, from Start;
        /// Makes a sample in a folder to be thrown away, and sits down as its first person.
        try_it(Nothing) -> Nothing, from Start;
        /// Goes on as another person of the sample.
        go_on_as(ChooseProfile) -> Nothing, from Start Desk Inbox;
        /// Throws the sample away.
        end_sample(Nothing) -> Nothing, from Start Desk Inbox;
    }
    /// This profile.
    session: Session {
        /// What it is, and whether it is unlocked.
        status(Nothing) -> StatusView, from Start Desk Inbox Vault Confirm Reveal;
        /// Asks to be unlocked: by the key store, or in the vault's window. A locked profile has no other page than this.
        unlock(Nothing) -> Nothing, from Start;
        /// Forgets the keys.
        lock(Nothing) -> Nothing, from Desk Inbox;
        /// Somebody is there: a key was pressed, or the pointer moved.
        active(Nothing) -> Nothing, from Start Desk Inbox Vault Confirm Reveal;
        /// What the program was asked to open, for this profile. Told once.
        given(Nothing) -> GivenView, from Desk Inbox;
        /// How windows look and behave.
        settings(Nothing) -> Settings, from Start Desk Inbox Vault Confirm Reveal;
        /// Changes that.
        change_settings(Settings) -> Settings, from Start Desk Inbox;
        /// Shows everything larger or smaller, and changes nothing else.
        zoom(Zoom) -> Settings, from Start Desk Inbox Vault Confirm Reveal;
        /// The system's own file dialogue.
        choose_file(ChooseFile) -> Option<String>, from Start Desk Inbox;
        /// The codes of a document in the picture that the clipboard holds, one a line, to be read as a pasted text.
        paste_codes(Nothing) -> String, from Desk Inbox;
        /// Writes the identity card, for whoever is to certify it.
        write_card(ByPath) -> Nothing, from Desk Inbox;
    }
    /// Passphrases and recovery codes.
    vault: Vault {
        /// What is asked.
        read(Nothing) -> VaultQuestion, from Vault;
        /// What was typed.
        answer(VaultAnswer) -> VaultQuestion, from Vault;
        /// Nothing, after all.
        cancel(Nothing) -> Nothing, from Vault;
    }
    /// Signing, in a window that the desk's page can neither read nor answer.
    confirm: Confirm {
        /// What would be signed, composed from what will be hashed.
        read(Nothing) -> ConfirmView, from Confirm;
        /// The answer. Where keys were to be stopped: what became of each.
        answer(ConfirmAnswer) -> Vec<StopView>, from Confirm;
    }
    /// What waits for the person at this profile.
    due: Due {
        /// All of it, what is late first.
        list(Nothing) -> Vec<DueView>, from Desk Inbox;
    }
    /// Founding and attaching.
    founding: Founding {
        /// The first founder begins.
        begin(Found) -> Nothing, from Desk;
        /// The second one answers.
        answer(AnswerFounding) -> Nothing, from Desk;
        /// The first one completes.
        complete(CompleteFounding) -> OrganisationView, from Desk;
        /// A desk is attached to a ledger.
        attach(Attach) -> OrganisationView, from Desk;
    }
    /// Requests, on the desk.
    requests: Requests {
        /// The queue.
        list(ListWish) -> Vec<RequestView>, from Desk;
        /// One in full.
        show(ById) -> RequestDetail, from Desk;
        /// A request, receipt or message from a partner.
        import(Incoming) -> ImportView, from Desk;
        /// Answers a check.
        check(AnswerCheck) -> RequestDetail, from Desk;
        /// Writes a file that stands behind an answer where a person can look at it.
        save_evidence(SaveEvidence) -> Nothing, from Desk;
        /// Says why a finding is acceptable.
        justify(Justify) -> RequestDetail, from Desk;
        /// Grants less.
        narrow(Narrow) -> RequestDetail, from Desk;
        /// Compares the fingerprint that was typed.
        compare(Typed) -> RequestDetail, from Desk;
        /// Asks the partner for changes.
        ask(Reply) -> RequestDetail, from Desk;
        /// Declines.
        decline(Reply) -> RequestDetail, from Desk;
        /// Opens the confirm window for the first signature.
        vet(ById) -> Nothing, from Desk;
        /// Opens the confirm window for the second signature.
        countersign(ById) -> Nothing, from Desk;
    }
    /// Keys, on the desk.
    keys: Keys {
        /// Who holds what.
        list(ListWish) -> Vec<KeyView>, from Desk;
        /// One of them.
        show(ById) -> KeyView, from Desk;
        /// Issues the key of a countersigned request.
        issue(Issue) -> KeyView, from Desk;
        /// Makes another key within the same grant.
        rotate(Rotate) -> KeyView, from Desk;
        /// Gives up a key that was about to be made; whatever its issuer made of it is removed.
        abandon(ById) -> KeyView, from Desk;
        /// Hands the envelope over as a file; the secret travels apart.
        hand_over(HandOver) -> HandedOverView, from Desk;
        /// Hands the envelope over as codes.
        hand_over_codes(HandOverCodes) -> HandedOverView, from Desk;
        /// Switches on what was opened, and tidies what a crash left.
        finish(Nothing) -> Vec<KeyView>, from Desk;
        /// Keys that were handed out before, from a list with paths or keys.
        import_old(ByPath) -> Vec<KeyView>, from Desk;
        /// Writes the list down.
        export(Export) -> Nothing, from Desk;
    }
    /// Stopping keys.
    stops: Stops {
        /// Which keys a selection means now.
        preview(StopWish) -> Vec<KeyView>, from Desk;
        /// Stops them: opens the confirm window.
        order(StopOrder) -> Nothing, from Desk;
        /// Tries again what did not work.
        retry(Nothing) -> Vec<StopView>, from Desk;
        /// Objects to a disabled key's becoming final unasked.
        object(Objection) -> KeyView, from Desk;
        /// Says that a person stopped it, with what was seen.
        by_hand(StoppedByHand) -> KeyView, from Desk;
        /// What is to be done by hand about one key.
        hand_work(ById) -> HandWorkView, from Desk;
        /// Writes that down as a sheet to be printed.
        write_sheet(Paper) -> Nothing, from Desk;
    }
    /// Leaks.
    leaks: Leaks {
        /// Whose keys a text holds. The text never passes a page.
        find(LeakSource) -> Vec<LeakView>, from Desk;
        /// Writes the incident down, to be printed: these keys, what else their holders hold, what became of each.
        write_report(Paper) -> Nothing, from Desk;
    }
    /// The record.
    ledger: Ledger {
        /// Entries.
        entries(EntriesWish) -> Vec<EntryView>, from Desk;
        /// Why the ledger cannot be read now, where keys can be stopped all the same.
        cut_off(Nothing) -> Option<Failure>, from Desk;
        /// Derives everything again.
        verify(Nothing) -> AuditView, from Desk;
        /// Lets that be.
        stop_verifying(Nothing) -> Nothing, from Desk;
        /// Proves one entry to an outsider.
        prove(Prove) -> Nothing, from Desk;
        /// Writes it down.
        export(Export) -> Nothing, from Desk;
    }
    /// Members, and whatever two admins sign.
    team: Team {
        /// The organisation.
        organisation(Nothing) -> OrganisationView, from Desk;
        /// Its members.
        members(Nothing) -> Vec<MemberView>, from Desk;
        /// What waits for a second admin.
        changes(Nothing) -> Vec<ChangeView>, from Desk;
        /// Proposes a member.
        propose(ProposeMember) -> Vec<ChangeView>, from Desk;
        /// Compares a member's fingerprint, and puts that on the record.
        compare(CompareMember) -> Vec<MemberView>, from Desk;
        /// Proposes to certify a member anew, with other rights where some are named.
        renew(RenewMember) -> Vec<ChangeView>, from Desk;
        /// Confirms a change: opens the confirm window.
        confirm(ById) -> Nothing, from Desk;
        /// Drops a change.
        drop_change(ById) -> Vec<ChangeView>, from Desk;
        /// Suspends a member.
        suspend(Suspend) -> Vec<MemberView>, from Desk;
        /// Replaces the keys of ledger and letters: every member has the new ones, nobody else.
        rekey(Nothing) -> Vec<MemberView>, from Desk;
    }
    /// Policy, catalogue, issuers, card.
    rules: Rules {
        /// The policy in force, as a text.
        policy(Nothing) -> DocumentView, from Desk;
        /// Proposes another.
        propose_policy(Document) -> Vec<ChangeView>, from Desk;
        /// The catalogue in force, as a text.
        catalogue(Nothing) -> DocumentView, from Desk;
        /// Proposes another.
        propose_catalogue(Document) -> Vec<ChangeView>, from Desk;
        /// The issuers.
        issuers(Nothing) -> Vec<IssuerView>, from Desk;
        /// Proposes one, from its text.
        propose_issuer(Document) -> Vec<ChangeView>, from Desk;
        /// Proposes the card that partners pin.
        propose_card(CardWish) -> Vec<ChangeView>, from Desk;
        /// Writes the card in force.
        write_organisation_card(ByPath) -> Nothing, from Desk;
    }
    /// Organisations a partner has pinned.
    organisations: Organisations {
        /// All of them.
        list(Nothing) -> Vec<PinView>, from Inbox;
        /// What a card says, before it is pinned.
        inspect(Incoming) -> CardView, from Inbox;
        /// Pins one, or follows to its newer card.
        pin(PinCard) -> PinView, from Inbox;
    }
    /// A partner's own requests.
    asks: Asks {
        /// All of them.
        list(Nothing) -> Vec<OwnRequestView>, from Inbox;
        /// What was filled in so far.
        draft(DraftOf) -> Option<Form>, from Inbox;
        /// Keeps it.
        keep_draft(Form) -> Nothing, from Inbox;
        /// What a request said, to be revised.
        form(ById) -> Form, from Inbox;
        /// What a renewal of a key begins with.
        renewal(ById) -> Form, from Inbox;
        /// Signs and seals it.
        send(SendForm) -> OwnRequestView, from Inbox;
        /// Takes one back.
        withdraw(Out) -> OwnRequestView, from Inbox;
        /// Reads what the organisation wrote.
        read(Incoming) -> OwnRequestView, from Inbox;
    }
    /// Envelopes and what was in them.
    envelopes: Envelopes {
        /// Judges one. Nothing is written, and the key stays out of reach.
        inspect(EnvelopeSource) -> EnvelopeView, from Inbox;
        /// Opens it: the key is durable here, and the receipt signed.
        open(EnvelopeSource) -> HeldKeyView, from Inbox;
        /// Keys that are held here.
        held(Nothing) -> Vec<HeldKeyView>, from Inbox;
        /// Writes a key where it runs.
        save(SaveKey) -> Nothing, from Inbox;
        /// Copies a key to the clipboard for 30 seconds.
        copy(ById) -> Nothing, from Inbox;
        /// Shows a key in a window of its own.
        reveal(ById) -> Nothing, from Inbox;
        /// Writes the receipt, for the organisation.
        write_receipt(Out) -> Nothing, from Inbox;
        /// Tells the organisation that a key leaked.
        report_leak(WriteAbout) -> Nothing, from Inbox;
    }
    /// Relays: the way of links, letters and receipts.
    relay: Relay {
        /// How they are reached, and what waits for them.
        state(Nothing) -> RelaysView, from Desk Inbox;
        /// Asks them now: brings what waits here and takes in what waits there.
        sync(Nothing) -> RelaysView, from Desk Inbox;
        /// Writes an invitation: the card, and the right to write to the organisation.
        invite(ByPath) -> Nothing, from Desk;
        /// Brings an envelope to the relay. The message with its link goes to the clipboard, or into a file.
        send_link(SendLink) -> LinkSentView, from Desk;
        /// Takes an envelope back.
        take_back(ById) -> TakenBackView, from Desk;
        /// Fetches the envelope behind a link and judges it. The link never passes a page.
        fetch(LinkSource) -> EnvelopeView, from Inbox;
        /// Opens what was fetched: the key is durable here, and the receipt is on its way.
        open(Nothing) -> HeldKeyView, from Inbox;
        /// Lets link and envelope be. What was fetched stays here until its time is over.
        leave(Nothing) -> Nothing, from Inbox;
    }
    /// One key, shown for 30 seconds.
    reveal: Reveal {
        /// The key.
        read(Nothing) -> RevealView, from Reveal;
    }
}
