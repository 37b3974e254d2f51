//! What is said of databases: of the ledger, and of the one a profile lies in.

use countersign_ports::{LogError, VaultError};

pub(super) fn log_code(error: &LogError) -> &'static str {
    match error {
        LogError::Locked => "ledger-locked",
        LogError::ReadOnly => "ledger-read-only",
        LogError::Full => "disk-full",
        LogError::Damaged => "ledger-damaged",
        LogError::Newer => "ledger-newer",
        LogError::Older => "ledger-older",
        LogError::Unavailable => "ledger-unavailable",
        LogError::NotDurable => "ledger-not-durable",
        LogError::Unknown => "outcome-unknown",
    }
}

pub(super) fn log_advice(error: &LogError) -> &'static str {
    match error {
        LogError::Locked => "Nothing was changed. Close the program that holds it, then try again.",
        LogError::ReadOnly => {
            "Nothing was changed. Give this user the right to write to the file, its folder and its disk, then try again."
        }
        LogError::Full => {
            "Nothing was released. Make room, then try again: what was begun is found and completed."
        }
        LogError::Damaged => "Nothing was changed. Keep the file as it is, and restore a copy beside it.",
        LogError::Newer => "Nothing was changed. Install the newer version of Countersign.",
        LogError::Older => {
            "Nothing was changed. Open it once where it may be written, which brings it to the present form, or read a copy that may be written."
        }
        LogError::Unavailable => "Nothing was changed. Check the path and its permissions.",
        LogError::NotDurable => "Nothing was changed. Move the ledger to a local disk.",
        LogError::Unknown => {
            "Nothing was released. The same command looks the operation up and completes it."
        }
    }
}

pub(super) fn vault_code(error: &VaultError) -> &'static str {
    match error {
        VaultError::Exists => "already-there",
        VaultError::Altered => "profile-altered",
        VaultError::WrongSecret => "wrong-secret",
        VaultError::NoSlot => "no-such-unlock",
        VaultError::NoKeyStore => "no-key-store",
        VaultError::SlotParameters => "unlock-parameters",
        VaultError::Missing => "no-profile",
        VaultError::AlreadyThere => "profile-exists",
        VaultError::NotPrivate => "profile-not-private",
        VaultError::Store(error) => match error {
            LogError::Full => "disk-full",
            LogError::Locked => "profile-locked",
            LogError::ReadOnly => "profile-read-only",
            LogError::Damaged => "profile-damaged",
            LogError::Newer => "profile-newer",
            LogError::Older => "profile-older",
            LogError::Unavailable => "profile-unavailable",
            LogError::NotDurable => "profile-not-durable",
            LogError::Unknown => "outcome-unknown",
        },
        VaultError::Entropy(_) => "no-randomness",
    }
}

pub(super) fn vault_advice(error: &VaultError) -> &'static str {
    match error {
        VaultError::Exists | VaultError::AlreadyThere => "Nothing was changed.",
        VaultError::Altered => "Nothing was released. Restore the profile from a backup.",
        VaultError::WrongSecret => "Nothing was changed. Try again, or unlock with the recovery code.",
        VaultError::NoSlot => "Nothing was changed. 'profile show' lists the ways of unlocking this profile.",
        VaultError::NoKeyStore => {
            "Nothing was changed. On a machine without a desktop make the profile with --slot passphrase or --slot key-file:PATH, and unlock it with --unlock ask or --unlock file:PATH."
        }
        VaultError::SlotParameters => {
            "Nothing was changed. A passphrase takes fifteen characters or more; five words are good."
        }
        VaultError::Missing => {
            "Nothing was changed. Make one with 'profile new', or name another folder with --profile."
        }
        VaultError::NotPrivate => "Nothing was read. Take the files away from others: chmod -R go= FOLDER.",
        VaultError::Store(error) => log_advice(error),
        VaultError::Entropy(_) => "Nothing was changed.",
    }
}
