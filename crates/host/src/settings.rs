//! How the windows look and behave: a small file beside the profiles, no secret in it.

use countersign_contract::Settings;

use crate::{failure::Error, wiring};

const FILE: &str = "settings.json";
/// What the list of keys can show beside the partner. Where none is chosen, the page has its own choice.
const KEY_COLUMNS: [&str; 8] = ["service", "environment", "scopes", "class", "state", "next", "ends", "id"];

/// What holds where nothing was chosen.
fn default() -> Settings {
    Settings {
        theme: "system".to_owned(),
        language: "system".to_owned(),
        zoom: 100,
        idle_minutes: 10,
        notify: true,
        key_columns: Vec::new(),
    }
}

/// What was chosen, as far as it can be read.
pub(crate) fn read() -> Settings {
    let text = wiring::profiles_folder().ok().and_then(|f| std::fs::read_to_string(f.join(FILE)).ok());
    let read = text.and_then(|text| serde_json::from_str(&text).ok()).and_then(over_default);
    read.filter(|s| check(s).is_ok()).unwrap_or_else(default)
}

/// What an older version kept lacks what is newer: there the default holds.
fn over_default(chosen: serde_json::Map<String, serde_json::Value>) -> Option<Settings> {
    let mut all = serde_json::to_value(default()).ok()?;
    all.as_object_mut()?.extend(chosen);
    serde_json::from_value(all).ok()
}

/// Keeps what was chosen.
pub(crate) fn write(settings: &Settings) -> Result<(), Error> {
    check(settings)?;
    let folder = wiring::profiles_folder()?;
    let path = folder.join(FILE);
    let fail = |path: &std::path::Path| crate::files::fail(path, crate::failure::FileFlaw::Other);
    std::fs::create_dir_all(&folder).map_err(|_| fail(&folder))?;
    let text = serde_json::to_vec_pretty(settings).map_err(|_| fail(&path))?;
    let beside = folder.join(format!("{FILE}.part"));
    std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, &path)).map_err(|_| fail(&path))?;
    Ok(())
}

fn check(settings: &Settings) -> Result<(), Error> {
    let themes = ["system", "light", "dark", "contrast"];
    let languages = ["system", "en", "de"];
    if !themes.contains(&settings.theme.as_str()) || !languages.contains(&settings.language.as_str()) {
        return Err(Error::Usage("There is no such theme or language."));
    }
    if !(80..=200).contains(&settings.zoom) {
        return Err(Error::Usage("The zoom is 80 to 200 per cent."));
    }
    if settings.key_columns.len() > KEY_COLUMNS.len()
        || !settings.key_columns.iter().all(|column| KEY_COLUMNS.contains(&column.as_str()))
    {
        return Err(Error::Usage("There is no such column."));
    }
    if !(1..=60).contains(&settings.idle_minutes) {
        return Err(Error::Usage("A profile locks after 1 to 60 idle minutes."));
    }
    Ok(())
}
