# English. One word per thing: docs/glossary.md.
product = Countersign
cancel = Cancel
back = Back
go-on = Go on
open = Open
choose = Choose…
choose-for = Choose: { $label }
incoming-help = A file, pictures of its codes, or the text itself, pasted whole. Files can also be dropped here.
paste-codes = Codes from the clipboard
letter-out-help = A name that ends in .txt makes a text to paste into an e-mail; in .png, a picture of codes.
unlock = Unlock
lock = Lock
palette = Commands
rail = Places
search = Search
search-hint = Company, service …
sample-mark = Sample: not for real keys
sample = Sample
sample-you = You are { $name }.
sample-chair = Be { $name }
sample-vetter = gives the first signature
sample-countersigner = gives the second signature
sample-partner = asks for keys, at the partner
sample-who = Everybody in it is made up, everything else is real. Whose chair do you take?
sample-guide = What to try
sample-telephone = On the telephone they read
sample-where = Files go to { $folder }. All of it is deleted when the sample or the program ends.
sample-left = Lying there:
sample-end = End the sample
sample-step-look = Be Alice. A partner’s request waits under Requests: read what is asked, and what would be granted.
sample-step-call = Compare the partner’s fingerprint: type the digits that stand below, then answer the four checks.
sample-step-vet = Press Vet, and read in the window of its own what you sign.
sample-step-countersign = Be Ben, and give the second signature to the very same.
sample-step-issue = Issue the key and hand it over: a file, and a secret that travels apart. Copy the secret.
sample-step-open = Be Noor. Choose the file, paste the secret, and look who signed before you open. Save the key.
sample-step-receipt = Write the receipt, be Ben, and import it: only now the key works.
sample-step-leak = Copy the key, and under Keys press “A key leaked…”: whose it is, and how it stops.
start-try = Try it
start-try-help = A made-up company and its partner, in a folder that is thrown away. Three minutes.
start-try-busy = Preparing …
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
start-other = Another profile…
kind-desk = Desk
kind-inbox = Inbox
waiting-link = a link to { $relay }
waiting-unlock = To be opened once you unlock it:
waiting-choose = Which profile is to open this?

vault-unlock = Unlock
vault-make = Choose a passphrase
vault-recovery = Write down the recovery code
vault-profile = Profile: { $profile }
vault-make-help = Fifteen characters or more: four or five words that only you would put together. It locks your keys on this computer, and nobody can reset it.
vault-recovery-help = It opens this profile when the passphrase is lost. It is shown once and kept nowhere: write it on paper, lock it away, then type it here.
vault-busy = One moment …
title-vault = Unlock
title-confirm = Confirm
title-reveal = Key
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
confirm-stop = { $count ->
    [one] Revoke this key?
   *[other] Revoke these { $count } keys?
 }
confirm-stop-help = It acts at once and cannot be undone.
confirm-stop-yes = Revoke
confirm-disable = { $count ->
    [one] Disable this key?
   *[other] Disable these { $count } keys?
 }
confirm-disable-help = It acts at once: what comes with such a key is refused. Then a second person, or anybody after a day, revokes it for good.
confirm-disable-yes = Disable
confirm-over = Not done
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
line-stop-record = Record
stop-record-later = The ledger cannot be read now. The keys are stopped all the same, and the record follows by itself.
outcomes = What became of them
outcomes-sum = { $confirmed } confirmed · { $ordered } ordered · { $failed } failed
outcome-confirmed = confirmed
outcome-ordered = ordered
outcome-unrecorded = ordered, not yet on the record
outcome-failed = failed
outcome-confirmed-help = Its issuer was read again and does not take it any more.
outcome-unrecorded-help = Its issuer does not take it any more. The record follows by itself as soon as the ledger can be written.
outcome-hand-help = Somebody has to stop it by hand, and confirm that with evidence: Keys, Stop by hand.
outcome-failed-help = It works on. This is tried again by itself.
outcome-lost-help = It works on, and the order could not be kept here: give it again.
outcome-hand = By hand
outcome-at = { $issuer }: { $instructions }
outcome-look = Look at { $issuer } whether it still takes the key, and take it out there.
line-stop-keys = Keys
line-stop-count = How many
line-stop-reason = Reason

reveal-title = One key
reveal-for = For { $service }
reveal-left = { $seconds ->
    [one] Hidden in 1 second
   *[other] Hidden in { $seconds } seconds
}
reveal-over = It is hidden again.
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
requests-more = { $count ->
    [one] 1 more is not shown: search, or show fewer.
   *[other] { $count } more are not shown: search, or show fewer.
}
show-closed = Show closed
hide-closed = Hide closed
order = In which order
order-mine = mine first
order-newest = newest first
order-oldest = oldest first
order-company = by company
order-due = by when it is due
waits-for = Waits for { $what }
import = Import
import-help = A request, a receipt, or any other letter from a partner.
import-file = What came
imported = Imported: { $what }
import-request = a request
import-receipt = a receipt
import-withdrawal = a withdrawal
import-leak-report = a leak report
state-received = to vet
state-changes-asked = changes asked
state-vetted = to countersign
state-countersigned = ready to issue
state-issued = issued
state-declined = declined
state-withdrawn = withdrawn
asks-for = { $company } asks for { $service }
asked = Asked
granted = Granted
would-be-granted = Would be granted
scopes = Scopes
networks = Networks
networks-help = One per line, such as 203.0.113.0/28.
anywhere = anywhere
lifetime = Lifetime
lifetime-days = Lifetime in days
unenforceable = The issuer cannot enforce
signed-words = The very words that are signed
narrow = Narrow
narrow-help = Grant less than was asked. Signatures given before become void.
narrow-do = Narrow the grant
narrow-open = Narrow the grant…
narrow-difference = What this changes
narrow-same = Nothing yet.
checks = Checks and findings
identity-check = Who is it? Fingerprint by call
compared-by = Compared by { $name }, { $channel }
calls-needed = { $calls ->
    [one] One person must call and compare.
   *[other] { $calls } people must each call and compare.
}
calls-counted = { $have } of { $calls } people
call-yours = You can call now.
call-yours-first = You can call now; then { $names }.
call-others = { $names } must call next.
call-nobody = Nobody else here may call: another member needs the right to vet or to approve.
unattended = unattended
matches = matches
compare = Compare
compare-open = Compare the fingerprint…
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
answer-again = Answer again
answer-check = Answer: { $check }
answer-check-again = Answer again: { $check }
answer-do = Record the answer
check-note = What you found
check-file = A file as evidence
check-file-more = Evidence file { $number }
check-passed = This check passed
not-answered = Not answered yet
passed = passed
failed = failed
history = History
answered-by = answered by { $name }
evidence-file = A file that was laid beside the answer
evidence-help = It came from outside. Countersign writes it where you say and opens nothing.
evidence-out = Where the file goes
evidence-write = Write the file
evidence-save = Save { $file }
evidence-erased = { $count ->
    [one] 1 piece of evidence was erased on the record
   *[other] { $count } pieces of evidence were erased on the record
}
bytes = { $bytes } bytes
issues-minted = makes the key itself
issues-issuer = its system makes the key
issues-pasted = the key is made by hand
issues-at-once = it works at once
issues-on-receipt = it works once the receipt is here
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
paste-help = This issuer is a system where people make keys by hand. Make the key there, then let the application take it: it never passes this page.
paste-clipboard = Take it from the clipboard
paste-clipboard-help = Copy the key first. It is read once and the clipboard is cleared.
paste-file = A file that holds the key
paste-file-help = Delete the file afterwards.
paste-file-do = Take it from the file
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
hand-over-of = Hand over the envelope of { $key }…
hand-over-help = The envelope goes to the partner as a file. It opens only with the partner's own key and the secret, which travels over another channel.
hand-over-do = Write the envelope
handed-over-file = Envelope written: { $file }
envelope-out = Where the envelope goes
secret-apart = The secret, for another channel than the file
secret-help = Read it over the telephone or send it by another way. The envelope opens until { $until }.
finish-delivery = Finish delivery
delivery-uploaded = at the relay
delivery-fetched = fetched
delivery-withdrawn = taken back
delivery-expired = envelope ended
hand-over-again = Hand over again…
hand-over-without = Without the relay: as a file and its secret
link-help = The envelope goes to your relay, { $relay }, which cannot open it. The partner gets a message with a link: it opens only in the profile that asked for the key.
link-copy = Send by link: copy the message
link-copy-help = The application puts the message into the clipboard. Paste it into a mail or chat to the partner; this page never sees the link.
link-as-file = Save the message as a file instead
link-out = Where the message goes (a name that ends in .png: the link as a QR code)
link-write = Write the message
link-sent = The envelope is at the relay. It opens until { $until }.
link-copied = The message is in the clipboard for { $seconds } seconds. Paste it to the partner now.
link-written = Message written: { $file }. Send it to the partner, and delete the file.
link-after = You will see here when the partner has fetched and opened it. Until then you can take it back.
take-back = Take back…
take-back-of = Take back the envelope of { $key }…
take-back-help = The relay keeps the envelope from everybody from now on, unless its reader was faster. The key itself lives on: revoke it if it must not be used.
take-back-do = Take it back
take-back-waits = The relay does not know yet that this is to be kept back: its reader may still fetch it.
taken-back-withdrawn = Taken back. Nobody ever had a byte of it, and its link opens nothing.
taken-back-withdrawn-next = Make another key within the same grant, or revoke this one.
taken-back-fetched = Its reader was faster: it was fetched.
taken-back-fetched-next = Nobody can fetch it again. If the key must not be used, revoke it.
taken-back-acknowledged = Its reader was faster: it was opened.
taken-back-acknowledged-next = If the key must not be used, revoke it.
taken-back-expired = There was nothing left to take back: its time was over.
taken-back-expired-next = Make another key within the same grant, or revoke this one.
relay = Relay
relay-there = answers
relay-away = does not do what is asked
relay-unasked = not asked yet
witnessed = { $count ->
    [one] first entry witnessed by the relay
   *[other] first { $count } entries witnessed by the relay
}
relay-reached = it answered
relay-none = The organisation's card names no relay: everything goes by files.
relay-unread = A letter could not be taken in:
relay-waiting = { $count ->
    [one] 1 letter waits here, and leaves by itself once the relay takes it.
   *[other] { $count } letters wait here, and leave by themselves once the relay takes them.
}
relay-withdrawals = { $count ->
    [one] 1 envelope is to be taken back, and the relay does not know it yet.
   *[other] { $count } envelopes are to be taken back, and the relay does not know it yet.
}
relay-sync = Try again now
relay-ask = Ask it now
letter-by-relay = The relay brings it; no file is needed.
letter-out-too = A file as well, if you want one
letter-out-instead = As a file instead, if you want one
letter-left = It is on its way.
finish-delivery-of = Finish the delivery of { $key }

failure-issuer-not-there = This issuer could not make a key from here.
advice-issuer-not-there = Nothing was proposed. Make the folder that its location names, or name another one, and propose again.
failure-same-person = You gave the first signature, so another person gives the second.
failure-fingerprint-differs = The fingerprints differ. This is not who it claims to be, or a digit was misheard.
failure-fingerprint-incomplete = The fingerprint is not complete.
failure-profile-in-use = Another window has this profile open.
failure-profile-elsewhere = Another window has this profile open. It has come to the front.
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
built-in = built in, until two admins sign another
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

search-keys = Words, or partner: service: state: ends:<30d …
live-count = { $count ->
    [one] 1 live
   *[other] { $count } live
}
keys-empty = No key yet. A countersigned request becomes one; keys from before can be imported.
ends = Ends
never-set = no end
revoke = Revoke…
revoke-reach = What is to be revoked?
stop-how = How?
stop-how-revoke = Revoke for good
stop-how-disable = Disable now; a second person, or anybody after a day, revokes for good
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
disable-do = { $count ->
    [one] Disable 1 key
   *[other] Disable { $count } keys
}
reason-leaked = it leaked
reason-partner-asked = the partner asked
reason-ended = the work with the partner ended
reason-replaced = it was replaced
reason-mistake = it was issued by mistake
reason-precaution = precaution
leak = A key leaked…
leak-help = Find out whose key it is without pasting it anywhere: the application reads the text, and this page never has it.
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
query-help = Terms that all must hold: partner:oakbridge service:shipments env:production scope:labels class:admin state:active ends:<30d, and free words. Quotes keep spaces together.
term = { $field }: { $value }
term-partner = Partner
term-service = Service
term-env = Environment
term-scope = Scope
term-class = May
term-state = State
term-is = Queue
term-ends = Ends
term-add = Filter by …
term-remove = Remove: { $term }
term-clear = Remove all
term-unclear = not understood: { $term }
ends-within = { $sign } { $days ->
    [one] 1 day
   *[other] { $days } days
}
columns = Columns…
columns-title = Columns of the list
columns-help = Beside the partner, with which every row begins.
next-step = Next step
reach-class = May
reach-class-read = read
reach-class-write = write
reach-class-admin = admin
reach-class-unknown = unknown
key-uploaded = at the relay
key-fetched = fetched
key-withdrawn = taken back
key-expired = envelope ended
key-unrecorded = ordered, not on record
cut-off = The ledger cannot be read
cut-off-help = Shown is what this desk knew last. Keys can be stopped all the same: it acts at once, and the record follows by itself as soon as the ledger can be written. What cannot wait for that is stopped by hand, at the key.
marked-count = { $count ->
    [one] 1 key is chosen
   *[other] { $count } keys are chosen
}
marked-help = Ctrl and a click, or the space bar, add and remove one; Shift chooses up to there.
marked-clear = Choose none
revoke-many = { $count ->
    [one] Revoke 1 key…
   *[other] Revoke { $count } keys…
}
rotate = Rotate…
rotate-help = Another key within the same grant: the same access until the same end, and no new signatures. The old one works on until it is revoked. Hand the new one over from its request.
rotate-do = Make the key
rotated = Key { $id } is made and sealed. Hand it over from its request.
finish-making = Finish making it
abandon = Abandon…
abandon-help = The key was about to be made. Whatever its issuer made of it is removed, and it can never be finished.
abandon-do = Abandon the key
more = { $count ->
    [one] 1 more
   *[other] { $count } more
}
more-partners = { $count ->
    [one] 1 more partner
   *[other] { $count } more partners
}
leak-drop = Files can also be dropped here.
key-intended = being made
key-abandoned = abandoned
key-sealed = sealed
key-handed-over = handed over
key-opened = opened
key-active = active
key-disabled = disabled
key-revoked = revoked
queue-renew = end within 30 days
queue-replace = to be replaced by vetted keys
queue-stopping = being ended
queue-active = active
queue-over = over
shown-count = { $count ->
    [one] 1 key
   *[other] { $count } keys
}
expiry-title = Ending in the next 90 days
expiry-none = No key ends in the next { $days } days.
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
as-map = as a map
ends-in = Ends in
days-range = { $from } to { $to } days
exposure-title = Exposure
exposure-help = live keys, and the most that they may do

live-keys = Live keys
first-ends = First one ends
partners-empty = No partner yet. Hand out the organisation's card; partners ask with it.
invite = Invite a partner…
invite-help = Give this card to the partner. They call you, you read them the organisation's fingerprint, they type it.
organisation-fingerprint = The organisation's fingerprint
organisation-fingerprint-help = Read it aloud to partners and new members who call. Never send it.
founder-unheard = not compared
member-compare = Compare
member-compare-of = Compare the fingerprint of { $name }
member-compare-help = Have the member read their fingerprint to you, and type it. That you heard it, and how, goes on the record.
founder-unheard-who = { $by } has not compared the fingerprint of { $whom }: nothing on the record says so, or only that a program did.
card-out = Where the card goes
card-write = Write the card
card-written = Card written: { $file }
card-propose = Propose a new card
card-propose-help = The card says what partners may ask for, and where they ask. A second admin signs it before it is in force.
card-relay = Relay
card-relay-help = Where your organisation's relay is, such as https://keys.example.com. Empty where you have none: then everything goes by files.
invitation-help = Give this invitation to the partner. It lets them write to you through the relay. They call you, you read them the organisation's fingerprint, they type it.
invitation-out = Where the invitation goes
invitation-write = Write the invitation
invitation-written = Invitation written: { $file }
card-none = There is no card yet. Two admins sign one before partners can ask for keys; it needs a catalogue.

entries = { $count ->
    [one] 1 entry
   *[other] { $count } entries
}
ledger-empty = No entry matches.
ledger-holds = everything holds
ledger-bad = it does not hold
verify = Verify
verify-stop = Stop verifying
progress-verify = Entries verified
progress-stop = Keys stopped at their issuers
progress-record = Keys on the record
progress-of = { $what }: { $done } of { $total }
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
event-partner-answered = reply to the partner
event-vetted = request vetted
event-countersigned = request countersigned
event-key-intended = making of a key begun
event-key-issued = key issued
event-key-abandoned = key abandoned
event-envelope-handed-over = envelope handed over
event-envelope-fetched = envelope fetched
event-delivery-withdrawn = envelope taken back
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
change-suspension = Suspension
change-drop = Drop
change-drop-of = Drop: { $change }
change-look = Look and confirm
change-look-of = Look at and confirm: { $change }
change-waits = waits for another admin
certified-until = Certificate ends
this-desk = this desk
member-add = Add a member…
member-add-help = Call the new member over a number you know. They read their fingerprint, you type it. A second admin confirms.
member-card = Identity card
member-renew = Renew
member-renew-of = Renew { $name }
member-rights = Rights
member-rights-of = Rights of { $name }…
member-rights-help = It is certified anew with these rights. Nothing changes before a second admin confirms.
rekey = Replace the shared keys…
rekey-do = Replace them
rekey-help = The keys of ledger and letters are replaced: every member gets the new ones, and whoever was suspended has none that opens what comes. What was written before stays readable to members. Afterwards propose a new card: the old one names the old key.
member-suspend = Suspend
member-suspend-propose = Propose the suspension
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
zoom-in = Larger
zoom-out = Smaller
zoom-reset = Original size
idle = Lock when idle for
notify = Tell me when something new waits for me (never who asks, or for what)
profile-folder = Folder of this profile
no-telemetry = Countersign sends nothing about you to anybody.

identity-help = When an organisation calls you, read these digits aloud: they prove that a request is yours. Never send them.
organisations-empty = No organisation is pinned. The company whose API you need gives you its card.
pin = Pin an organisation…
pin-help = The organisation gave you its card as a file.
pin-call = Call the organisation over a number you know. They read their fingerprint, you type it.
pin-do = Pin
pinned = { $name } is pinned. You can ask it for keys now.
pinned-typed = fingerprint compared
pinned-unattended = fingerprint not typed by a person
card-in = The card
card-says = This card says it is from { $name }. It ends
card-until = card ends
offers = You can ask for
asks-empty = No request yet.
ask-new = Ask for a key
ask-revise = Revise the request
ask-renew = Ask for a renewal
ask-renew-help = Two people look at it again. Until the new key is there, the old one works as long as it says. Change what is different now.
ask-send = Sign and seal
ask-out = Where the sealed request goes
ask-out-help = Send this file to the organisation. Only they can open it. A name that ends in .txt makes a text to paste into an e-mail; in .png, a picture of codes.
ask-by-relay = The organisation has a relay: the sealed request goes there, and answers come back by themselves. No file is needed.
ask-left = The sealed request is with the organisation's relay.
ask-waits = The sealed request waits here, and leaves by itself once the relay answers.
ask-state-unsent = waits here
link = Fetch by link
link-inbox-help = Copy the message with the link. The application takes it from the clipboard, which is cleared; this page never sees it. Only the relay on the organisation's pinned card is asked.
link-clipboard = Take the link from the clipboard
link-file = A file with the link or its message
link-in = The file
link-in-help = Delete it afterwards: it holds the secret.
link-came = A link was opened. It leads to { $relay }.
link-kept = The link is still here.
link-fetch = Fetch the envelope
link-leave = Let it be
opened-receipt-sent = Opened. The receipt is with the organisation: nothing else is to be done for it.
opened-receipt-waits = Opened. The receipt waits here, and leaves by itself once the relay answers.
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
form-service-help = What the organisation offers.
form-gone = { $service } is not offered any more. Choose what takes its place.
form-environment = Environment
form-environment-help = Begin with the sandbox if there is one.
environment-sandbox-means = for trying out: made-up records only
environment-production-means = real records of real customers
form-scopes = Scopes
form-scopes-help = What the key may do. As little as serves.
scope-read-means = looks at records and changes nothing
scope-write-means = makes, changes or deletes records
scope-admin-means = changes settings, or what others may do
form-networks = From which networks?
form-days = For how many days?
form-days-help = Shorter is granted sooner.
form-longest = { $days ->
    [one] One day at most there.
   *[other] { $days } days at most there.
}
form-renews = Renews
inspect = Look at an envelope
inspect-help = Looking changes nothing: you see who signed, for what and until when, before anything is opened.
inspect-do = Inspect
envelope = Envelope
envelope-in = The envelope
secret-in = The secret
secret-in-help = 43 characters that came another way, over the telephone or a message.
gives-you = { $organisation } gives you a key for { $service }
signed-by = { $count ->
    [one] Signed by 1 person there.
   *[other] Signed by { $count } different people there.
}
signatures = Signatures
you-may = You may
held-until = ends
works-until = Works until
reminders = while the program runs, this inbox reminds you 30, 14, 7 and 1 days before
this-envelope = This envelope
opens-until = opens until
works = Starts to work
works-on-receipt = once the organisation has your receipt
works-at-once = at once
open-envelope = Open it
opened = Opened: the key is safe in this profile. Now the receipt.
held = Keys you hold
held-empty = No key yet.
renew = Renew…
due-list = Waits for you
due-receipt = { $organisation } waits for the receipt of the key for { $service } · { $environment }: it may not work before.
due-key-ends = Your key for { $service } · { $environment } ends. Ask for its renewal now: two people look at it.
due-request = { $organisation } asks for changes to your request for { $service } · { $environment }.
due-card = The card of { $organisation } ends. Ask them for the newest one, and pin it.
urgency-late = At once
urgency-now = Soon
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
waits-for-me = waits for you
unread = new
blocked = blocked
overdue = overdue
due = due
due-ends = ends
event-leak-reported = leak reported
event-certifying-key-offered = certifying key offered
event-root-proposed = root proposed
event-root-signed = root signed
event-root-dropped = root dropped
event-root-succeeded = root succeeded
event-revocation-objected = objection to a revocation
event-member-checked = fingerprint of a member or of the organisation compared
event-witness-key-accepted = new key of the relay's witness accepted

# Keys, fields of a request, and phrases of the core.
close = Close
undo = Undo
undo-close = Leave it as it is
undo-narrowed = What would be granted to { $company } was narrowed.
undo-setting = The setting is changed.
undo-form = The form begins anew.
start-over = Start over
shortcuts = Keys that act here
keys-move = up and down in a list
keys-enter = opens what is chosen
keys-escape = leaves a dialog
palette-none = Nothing of that name is here.
palette-more = { $count } more: type more of the name.
search-none = Nothing matches.
back-to-list = All requests
doubtful = looks like other letters: { $codes }
key-stopping = being stopped
field-company = Company
field-person = Person
field-role = Role
field-email = E-mail
field-incident-contact = Incident contact
field-why = Why they need it
field-workflow = Workflow
field-usage = Usage
field-data = Data
field-safeguards = Safeguards
said-held = You hold the key. Give the receipt to the organisation, so that it begins to work: Inbox, Receipt.

fields-field = Field
fields-before = Now
fields-after = With this change
fields-value = Value
fields-nothing = nothing
fields-gone = goes
fields-same = { $count ->
    [one] 1 field stays as it is
   *[other] { $count } fields stay as they are
}
fields-none-change = Nothing in it differs from what holds now.
persons = { $count ->
    [one] 1 person
   *[other] { $count } persons
}
flag-yes = yes
flag-no = no
class-sandbox = sandbox: made-up records
class-production = production: real records
scope-class-read = reads
scope-class-write = writes
scope-class-admin = administers
exact-show = Everything, exactly as it is hashed
exact-help = The digest above is the SHA-256 of these bytes; the text says the same field by field.
exact-json = As a text
exact-bytes = As bytes, in hexadecimal
part-name = Name
part-rights = Rights
part-fingerprint = Fingerprint
part-agent = An agent, no person
part-certified-from = Certified from
part-certified-until = Certified until
part-receiving-key = Receiving key
part-checkpoint-key = Key for checkpoints
part-member = Member’s id
part-person-id = Person’s id
part-name-digest = Name, digest
part-name-blob = Name, where it lies
part-identity-card = Identity card, digest
part-version = Version
part-quorum = Who signs a grant
part-quorum-production = Who signs for production
part-quorum-admin = Who signs admin scopes
part-longest-sandbox = Longest life, sandbox
part-longest-production = Longest life, production
part-approval-days = A signature holds
part-envelope-days = An envelope opens for
part-rotations = Replacements within a grant
part-sponsor-signs = Whoever brings a partner may sign
part-unattended = A program may compare fingerprints
part-calls-sandbox = Fingerprint checks, sandbox
part-calls-production = Fingerprint checks, production
part-pace-keys = Keys one person revokes in an hour
part-pace-partners = Partners one person revokes in an hour
part-checks = Checks before signing
part-finding = Finding
part-catalogue-version = Catalogue’s version
part-question = Question
part-service-name = Service
part-service-text = What it is for
part-class = Environment
part-base-url = Base address
part-longest-days = Longest life of a key
part-environment-issuer = Issuer
part-scope-class = Scope
part-scope-opens = Opens
part-issuer-id = Short name
part-issuer-kind = How it works
part-prefix = Keys begin with
part-location = File of hashes
part-instructions = What to do by hand
part-organisation = Organisation
part-card-version = Card’s version
part-card-made = Made
part-card-ends = The card ends
part-relay = Relay
part-roots = Versions of the root
part-root-digest = Roots, digests, the newest last
part-organisation-id = Organisation’s id
part-why = Why

report = Incident report
report-open = Incident report…
report-what = These keys, what else their holders hold, what was ordered and confirmed for each, when, and where it stands in the ledger. One file that any browser opens and prints.
report-write = Write the report
report-file = incident.html
paper-out = Where it goes
paper-written = Written to { $file }. Open it in a browser to print it.
hand = Stop a key by hand
hand-open = Stop by hand…
hand-what = What to do
hand-ordered = Ordered by { $name }
hand-none = Its issuer stops it by itself. Try again first; what stands in the way is shown with the key.
hand-before = It was handed out before Countersign: stop it in the system that made it.
hand-sheet = Write the sheet
hand-file = stop-by-hand.html
hand-note = What was done, and what you saw
hand-note-help = It goes on the record as evidence, from another person than the one who ordered it. Until then the key counts as working.
hand-confirm = It is stopped
object = Object…
object-help = Two objections keep a day alone from making it final. A second person may still revoke it.
object-why = Why should it not be revoked?
object-do = Object
stop-retry = Try again
stop-retried = { $count ->
    [0] Nothing more is confirmed.
    [one] 1 key is confirmed as stopped.
   *[other] { $count } keys are confirmed as stopped.
}
