# English. One word per thing: docs/glossary.md.
product = Countersign
cancel = Cancel
back = Back
go-on = Go on
open = Open
choose = Choose…
choose-for = Choose: { $label }
unlock = Unlock
lock = Lock
palette = Commands
rail = Places
search = Search
search-hint = Company, service, scope …
sample-mark = Sample: not for real keys
not-now = Not now
what = What
days = { $days ->
    [one] 1 day
   *[other] { $days } days
}

start-lead = Hand API keys to partners: two people sign, one envelope, one record.
start-known = Profiles on this computer
start-open = Open { $name }
start-fresh = New here?
start-desk = Issue keys
start-desk-help = You work for the company whose API it is. You found or join an organisation.
start-inbox = Receive keys
start-inbox-help = You work for a partner. You ask for keys and open them here.
start-make = New profile
start-name = Your name
start-name-help = As the other side knows you. It goes into your identity card.
start-locked = This profile is locked.

vault-unlock = Unlock
vault-make = Choose a passphrase
vault-recovery = Write down the recovery code
vault-profile = Profile: { $profile }
vault-make-help = Fifteen characters or more: four or five words that only you would put together. It locks your keys on this computer, and nobody can reset it.
vault-recovery-help = It opens this profile when the passphrase is lost. It is shown once and kept nowhere: write it on paper, lock it away, then type it here.
vault-busy = One moment …
passphrase = Passphrase
passphrase-help = Or the recovery code.
passphrase-new = New passphrase
passphrase-again = The same again
recovery-typed = The code, as you wrote it down

confirm-vet = Give the first signature?
confirm-vet-help = This is exactly what you sign. A second person signs the very same.
confirm-vet-yes = Vet
confirm-countersign = Give the second signature?
confirm-countersign-help = This is exactly what the first person signed. Nothing has changed since.
confirm-countersign-yes = Countersign
confirm-change = Put this change in force?
confirm-change-help = Another admin proposed it. Your signature puts it in force.
confirm-change-yes = Confirm
confirm-stop = Revoke these keys?
confirm-stop-help = It acts at once and cannot be undone.
confirm-stop-yes = Revoke
line-recipient = Recipient's identity
line-service = Service
line-scopes = Scopes
line-networks = May be used from
line-base-url = Base address
line-key-ends = The key ends
line-deliver-by = To be delivered by
line-keys-within = Keys within this grant
line-issuer = Issuer
line-unenforceable = The issuer cannot enforce
line-calls = Fingerprint compared
line-findings = Findings
line-digest = Digest
line-change = Change
line-proposed-by = Proposed by
line-proposed-at = Proposed
line-body = In full
line-stop-keys = Keys
line-stop-count = How many
line-stop-reason = Reason

reveal-title = One key
reveal-for = For { $service }
reveal-left = { $seconds ->
    [one] Hidden in 1 second
   *[other] Hidden in { $seconds } seconds
}
reveal-over = It is hidden again. Close this window.
never-send-on = Do not send the key on: it names you, and only you.

organisation-of = Organisation · { $name }
no-organisation = Not attached to an organisation yet
place-requests = Requests
place-founding = Begin
right-vet = vets
right-approve = approves
right-issue = issues
right-admin = admin
right-audit = audits

founding-title = Begin
own-fingerprint = Your fingerprint
own-fingerprint-help = Read it aloud when somebody calls you to check who you are. Never send it.
founding-begin = Found an organisation
founding-begin-help = Two people found an organisation together. You begin: your offer goes to the second founder, and you read them your fingerprint over the telephone.
founding-begin-do = Write the offer
founding-begin-done = Offer written. Give it to the second founder.
founding-answer = Answer an offer
founding-answer-help = Somebody began an organisation with you as the second founder. Call them; they read their fingerprint, you type it.
founding-answer-do = Sign and write the answer
founding-answer-done = Answer written. Give it back to the first founder, and read them your fingerprint. Then attach to the ledger they make.
founding-complete = Complete
founding-complete-help = The answer came back. Call the second founder; they read their fingerprint, you type it. The ledger begins.
founding-complete-do = Found the organisation
founding-complete-done = The organisation is founded.
founding-attach = Attach to a ledger
founding-attach-help = You are a member or the second founder, and the ledger is there.
founding-attach-do = Attach
founding-attach-done = Attached.
founding-card = Join as a member
founding-card-help = Write your identity card and give it to an admin. Two admins certify you; then you attach to the ledger.
founding-card-do = Write the card
founding-card-done = Identity card written. Give it to an admin, and read them your fingerprint when they call.
organisation-name = Name of the organisation
founding-offer-out = Where the offer goes
founding-offer-in = The offer
founding-half-out = Where your half of the offline key goes
founding-half-help = Print it, lock it away, delete the file. Together with the other half it replaces lost founders.
founding-answer-out = Where the answer goes
founding-answer-in = The answer
founding-first-fingerprint = The first founder's fingerprint, as you hear it
founding-second-fingerprint = The second founder's fingerprint, as you hear it
founding-organisation-fingerprint = The organisation's fingerprint, as you hear it
founding-ledger-out = Where the ledger goes
founding-ledger-help = A folder of this computer that all desks here can reach. Not a network drive.
founding-ledger-in = The ledger
founding-card-out = Where the card goes

fingerprint-box = Digits { $number } of 7
fingerprint-help = Type what you hear. Nothing is compared before all 35 digits are there.

request = Request
requests-empty = No request waits. Import what partners send you, or hand out the organisation's card.
requests-choose = Choose a request.
show-closed = Show closed
hide-closed = Hide closed
waits-for = Waits for { $what }
import = Import
import-help = A request, a receipt, or any other letter from a partner. You can also drop files on this window.
import-file = File
imported = Imported: { $what }
import-request = a request
import-receipt = a receipt
import-withdrawal = a withdrawal
import-leak-report = a leak report
state-received = to vet
state-changes-asked = changes asked
state-vetted = to countersign
state-countersigned = to issue
state-issued = issued
state-declined = declined
state-withdrawn = withdrawn
asks-for = { $company } asks for { $service }
asked = Asked
would-be-granted = Would be granted
scopes = Scopes
networks = Networks
networks-help = One per line, such as 203.0.113.0/28.
anywhere = anywhere
lifetime = Lifetime
lifetime-days = Lifetime in days
unenforceable = The issuer cannot enforce
narrow = Narrow
narrow-help = Grant less than was asked. Signatures given before become void.
narrow-do = Narrow the grant
checks = Checks and findings
identity-check = Who is it? Fingerprint by call
compared-by = Compared by { $name }, { $channel }
calls-needed = { $calls ->
    [one] One person must call and compare.
   *[other] { $calls } people must each call and compare.
}
unattended = unattended
matches = matches
compare = Compare
compare-help = Call the partner over a number that does not come from the request. They read their fingerprint, you type it.
compare-do = Compare
channel = Channel
channel-phone = telephone
channel-video = video
channel-in-person = in person
channel-source = Where the number came from
channel-source-help = A contract, a trade register, an earlier call.
fingerprint-heard = The fingerprint you hear
check-who = Who are they?
check-why = Why do they need it?
check-scope = Is it the least that serves?
check-protection = How will they protect it?
answer = Answer
answer-check = Answer: { $check }
answer-do = Record the answer
check-note = What you found
check-file = A file as evidence
check-passed = This check passed
not-answered = Not answered yet
passed = passed
failed = failed
evidence = { $count ->
    [one] 1 piece of evidence
   *[other] { $count } pieces of evidence
}
severity-note = note
severity-warning = warning
severity-blocking = blocking
justified = justified
justify = Justify
justify-finding = Justify: { $finding }
justify-reason = Why it is acceptable
justify-help = It goes on the record under your name.
justify-do = Record the reason
finding-write-in-production = May write in production
finding-admin-scope = Admin scope
finding-wide-network = Very wide network
finding-private-network = Private network: it says nothing on the internet
finding-no-network = No network is named
finding-long-lifetime = Lifetime near the limit
finding-free-mail = Free-mail address
finding-look-alike = Looks like another partner's name
finding-live-key = Holds a live key for the same already
finding-sponsor-signs = Whoever imported it signs it
finding-mixed-script = Letters of several scripts in one name
finding-foreign-incident-contact = Incident contact at another domain
seals = { $given } of { $needed } signatures
vetted = Vetted
countersigned = Countersigned
by = by { $name }
not-yet = not yet
unchanged-since = nothing changed since the first
vet = Vet
countersign = Countersign
issue = Issue the key
decline = Decline…
decline-help = The reason goes to the partner, sealed, and on the record.
decline-reason = Reason
decline-do = Decline the request
ask-changes = Ask for changes…
ask-help = Your words go to the partner, sealed. The request waits for a revision.
ask-text = What should change
ask-do = Ask for changes
letter-out = Where the sealed letter goes
letter-help = Send this file to the partner.
delivery = Delivery
key = Key
delivery-sealed = sealed
delivery-handed-over = handed over
delivery-opened = opened
delivery-active = active
hand-over = Hand over
hand-over-help = The envelope goes to the partner as a file. It opens only with the partner's own key and the secret, which travels over another channel.
hand-over-do = Write the envelope
handed-over-file = Envelope written: { $file }
envelope-out = Where the envelope goes
secret-apart = The secret, for another channel than the file
secret-help = Read it over the telephone or send it by another way. The envelope opens until { $until }.
finish-delivery = Finish delivery

failure-same-person = You gave the first signature, so another person gives the second.
failure-fingerprint-differs = The fingerprints differ. This is not who it claims to be, or a digit was misheard.
failure-fingerprint-incomplete = The fingerprint is not complete.
failure-locked = The profile is locked.

actions = Actions
service = Service
environment = Environment
state = State
partner = Partner
who = Who
when = When
why = Why
event = What happened
entry = Entry
operation = Operation
rights = Rights
member = Member
members = Members
agent = agent
suspended = suspended
stopped = stopped
legacy = before Countersign
edit = Edit
preview = Preview
propose = Propose
proposed = Proposed. Another admin confirms it.
export = Export
export-form = Form
export-out = Where it goes
export-do = Export
export-help = The whole record, readable by anybody who gets the file.
exported = Exported: { $file }
version = Version { $version }
none-yet = none yet
minutes = { $minutes ->
    [one] 1 minute
   *[other] { $minutes } minutes
}
today = today
inbox-of = Inbox · { $name }

place-keys = Keys
place-partners = Partners
place-ledger = Ledger
place-team = Team
place-catalogue = Catalogue
place-issuers = Issuers
place-policy = Policy
place-settings = Settings
place-inbox = Inbox
place-asks = Requests
place-organisations = Organisations
place-identity = Identity

search-keys = Partner, service, scope, state …
live-count = { $count ->
    [one] 1 live
   *[other] { $count } live
}
keys-empty = No key yet. A countersigned request becomes one; keys from before can be imported.
ends = Ends
never-set = no end
revoke = Revoke…
revoke-reach = What is to be revoked?
reach-key = This key
reach-holder = All keys of { $holder }
reach-service = All keys for { $service }
reach-environment = All keys for { $service } / { $environment }
revoke-hits = { $count ->
    [one] This stops 1 key:
   *[other] This stops { $count } keys:
}
revoke-do = { $count ->
    [one] Revoke 1 key
   *[other] Revoke { $count } keys
}
reason-leaked = it leaked
reason-partner-asked = the partner asked
reason-ended = the work with the partner ended
reason-replaced = it was replaced
reason-mistake = it was issued by mistake
reason-precaution = precaution
leak = A key leaked…
leak-help = Find out whose key it is without pasting it anywhere: the text goes to the core, never to this page.
leak-clipboard = Look in the clipboard
leak-clipboard-help = Copy the leaked text. It is read once and the clipboard is cleared.
leak-file = A file to look in
leak-look = Look
leak-none = No key that is on the record stands in this text.
leak-line = Line { $line }
leak-siblings = { $count ->
    [0] The holder has no other live key.
    [one] The holder has 1 other live key.
   *[other] The holder has { $count } other live keys.
}
leak-all-help = All keys that were found:
import-old = Import old keys…
import-old-help = Keys that were handed out before Countersign, from a TOML list. They count as not vetted and stand in the queue to be replaced. Only fingerprints are kept: delete the list afterwards.
import-old-file = The list
imported-old = { $count ->
    [one] 1 old key is on the record.
   *[other] { $count } old keys are on the record.
}
key-intended = being made
key-abandoned = abandoned
key-sealed = sealed
key-handed-over = handed over
key-opened = opened
key-active = active
key-disabled = disabled
key-revoked = revoked
expiry-title = Ending in the next 90 days
expiry-sum = { $count ->
    [one] 1 key
   *[other] { $count } keys
}
expiry-alt = { $count ->
    [one] 1 key ends in the next 90 days.
   *[other] { $count } keys end in the next 90 days.
}
as-chart = as a chart
as-table = as a table
ends-in = Ends in
days-range = { $from } to { $to } days
exposure-title = Exposure
exposure-help = live keys per partner and service

live-keys = Live keys
first-ends = First one ends
partners-empty = No partner yet. Hand out the organisation's card; partners ask with it.
invite = Invite a partner…
invite-help = Give this card to the partner. They call you, you read them the organisation's fingerprint, they type it.
organisation-fingerprint = The organisation's fingerprint
organisation-fingerprint-help = Read it aloud to partners and new members who call. Never send it.
card-out = Where the card goes
card-write = Write the card
card-written = Card written: { $file }
card-propose = Propose a new card
card-none = There is no card yet. Two admins sign one before partners can ask for keys; it needs a catalogue.

entries = { $count ->
    [one] 1 entry
   *[other] { $count } entries
}
ledger-empty = No entry matches.
ledger-holds = everything holds
ledger-bad = it does not hold
verify = Verify
verifying = Verifying …
first-bad = Entry { $seq } is the first that does not hold:
prove = Prove to an outsider…
prove-help = The file discloses this one entry and proves its place in the record. Nothing else becomes readable.
prove-do = Write the proof
proof-out = Where the proof goes
event-founded = organisation founded
event-change-proposed = change proposed
event-change-confirmed = change confirmed
event-change-dropped = change dropped
event-member-suspended = member suspended
event-policy-tightened = policy tightened
event-issuer-stopped = issuer stopped
event-keys-shared = shared keys handed on
event-keys-replaced = shared keys replaced
event-request-received = request received
event-request-withdrawn = request withdrawn
event-identity-checked = fingerprint compared
event-identity-mismatch = fingerprint differed
event-check-answered = check answered
event-finding-justified = finding justified
event-grant-narrowed = grant narrowed
event-partner-answered = partner answered
event-vetted = vetted
event-countersigned = countersigned
event-key-intended = key about to be made
event-key-issued = key issued
event-key-abandoned = key abandoned
event-envelope-handed-over = envelope handed over
event-receipt-recorded = receipt recorded
event-key-activated = key switched on
event-stop-ordered = stop ordered
event-stop-confirmed = stop confirmed
event-stop-failed = stop failed
event-keys-imported = old keys imported
event-blob-erased = text erased

changes = Waiting for a second admin
change-member = Member
change-policy = Policy
change-catalogue = Catalogue
change-issuer = Issuer
change-card = Card
change-drop = Drop
change-look = Look and confirm
change-waits = waits for another admin
certified-until = Certified
this-desk = this desk
member-add = Add a member…
member-add-help = Call the new member over a number you know. They read their fingerprint, you type it. A second admin confirms.
member-card = Identity card
member-renew = Renew
member-renew-of = Renew { $name }
member-suspend = Suspend
member-suspend-of = Suspend { $name }
member-suspend-help = It acts at once: this member can sign nothing more, and the shared keys are replaced. Afterwards propose a new card.
catalogue-help = What partners can ask for: services, environments, scopes, longest lifetimes.
policy-help = How many people sign, how long keys live, what must be checked. Two admins sign each change.
propose-change = Propose a change
issuers-help = The systems that make the keys. Two admins sign each of them.
issuers-empty = No issuer yet.
issuer-add = Add an issuer…
issuer-add-help = A hash file that your gateway reads, or a system where people make keys by hand.
issuer-text = The issuer, as text
issuer-hash-file = hash file
issuer-manual = by hand

theme = Look
theme-system = As the system
theme-light = Light
theme-dark = Dark
theme-contrast = High contrast
language = Language
zoom = Zoom
idle = Lock when idle for
profile-folder = Folder of this profile
no-telemetry = Countersign sends nothing about you to anybody.

identity-help = When an organisation calls you, read these digits aloud. They prove that a request is yours.
organisations-empty = No organisation is pinned. The company whose API you need gives you its card.
pin = Pin an organisation…
pin-help = The organisation gave you its card as a file.
pin-call = Call the organisation over a number you know. They read their fingerprint, you type it.
pin-do = Pin
pinned = { $name } is pinned. You can ask it for keys now.
pinned-typed = fingerprint compared by call
pinned-unattended = fingerprint not typed by a person
card-in = The card
card-says = This card says it is from { $name }. It ends
card-until = card ends
offers = You can ask for
asks-empty = No request yet.
ask-new = Ask for a key
ask-revise = Revise the request
ask-send = Sign and seal
ask-out = Where the sealed request goes
ask-out-help = Send this file to the organisation. Only they can open it.
ask-sent = Signed and sealed: { $file }. Send it to the organisation.
revision = revision { $revision }
revise = Revise
withdraw = Withdraw…
withdraw-help = The organisation gets a sealed letter that takes the request back.
withdrawn-send = Withdrawn. Send the letter to the organisation.
what-next = Next:
read-message = Read a letter…
read-message-help = An answer from the organisation, as a file.
letter-in = The letter
they-write = { $organisation } writes: { $message }
draft-kept = Draft kept
preview-help = This is what the organisation will see.
form-whom = Whom do you ask?
form-who = Who are you?
form-what = What is it for?
form-access = What do you need?
form-answers = Questions of the organisation
form-pin-first = Pin the organisation first.
form-organisation = Organisation
form-revises = Revises
form-company = Company
form-company-help = As it stands in the trade register.
form-person = Your name
form-person-help = The person who answers for this request.
form-role = Your role
form-role-help = Such as “platform engineer”.
form-email = E-mail
form-email-help = At your company's own domain.
form-incident-contact = Incident contact
form-incident-contact-help = Who is reached day and night when a key leaks.
form-why = Why do you need it?
form-why-help = One or two sentences that a stranger understands.
form-workflow = Which workflow does it serve?
form-workflow-help = Such as “dispatch pushes proof of delivery to the tracking page”.
form-usage = How will you use the API?
form-usage-help = Calls per hour, from which systems.
form-data = Which data does it touch?
form-data-help = Name personal data if there is any.
form-safeguards = How will you protect the key?
form-safeguards-help = Where it is stored, who can read it, how it is replaced.
form-service = Service
form-service-help = Its short name, as listed above.
form-environment = Environment
form-environment-help = Begin with the sandbox if there is one.
form-scopes = Scopes
form-scopes-help = One per line; as few as serve.
form-networks = From which networks?
form-days = For how many days?
form-days-help = Shorter is granted sooner.
form-renews = Renews
inspect = A key has come
inspect-help = Looking changes nothing: you see who signed, for what and until when, before anything is opened.
inspect-do = Inspect
envelope = Envelope
envelope-in = The envelope
envelope-in-help = The file, or pictures of its codes. You can also drop them here.
secret-in = The secret
secret-in-help = 43 characters that came another way, over the telephone or a message.
gives-you = { $organisation } gives you a key for { $service }
signed-by = { $count ->
    [one] Signed by 1 person there.
   *[other] Signed by { $count } different people there.
}
signatures = Signatures
you-may = You may
works-until = Works until
reminders = you are reminded 30, 14, 7 and 1 days before
this-envelope = This envelope
opens-until = opens until
works = Starts to work
works-on-receipt = once the organisation has your receipt
works-at-once = at once
open-envelope = Open it
opened = Opened: the key is safe in this profile. Now the receipt.
held = Keys you hold
held-empty = No key yet.
save = Save where it runs…
save-as = As
save-help = The key goes straight into the file, readable by you alone. Nothing shows it.
save-dotenv = .env file
save-dotenv-help = NAME='key'
save-kubernetes = Kubernetes Secret
save-kubernetes-help = a manifest to apply
save-compose = Compose secret
save-compose-help = exactly the key
variable = Name of the variable
variable-help = Left empty, it comes from the service.
save-out = Where it goes
save-do = Save
saved = Saved: { $file }
reveal = Reveal for 30 s
copy = Copy for 30 s
copied = In the clipboard for 30 seconds.
receipt = Receipt…
receipt-help = Send the receipt to the organisation. Where the issuer can do it, the key starts to work only then.
receipt-out = Where the receipt goes
receipt-do = Write the receipt
receipt-written = Receipt written: { $file }. Send it to the organisation.
report-leak = It leaked…
report-help = Tell the organisation at once, and call them. They revoke the key.
report-text = What happened
report-text-help = Never write the key itself.
report-do = Write the report
report-written = Report written: { $file }. Send it now, and call them.
ask-state-sent = sent
ask-state-changes-asked = changes asked
ask-state-declined = declined
ask-state-withdrawn = withdrawn
ask-state-opened = key received
ask-state-revoked = revoked
