//! Calls on their way in: one plugin for each area of the contract, so that Tauri's access list knows every call by name.

use std::sync::Arc;

use countersign_contract::{Failure, Misdirected, SURFACE, Window, dispatch};
use countersign_host::Host;
use serde_json::Value;
use tauri::{
    Builder, Manager as _, Runtime,
    ipc::{Invoke, InvokeBody, InvokeError},
    plugin,
};

use crate::idle::Idle;

/// Registers every area.
pub(crate) fn register<R: Runtime>(mut builder: Builder<R>) -> Builder<R> {
    for area in SURFACE {
        let name = area.name;
        let plugin = plugin::Builder::<R, ()>::new(name).invoke_handler(move |invoke| answer(name, invoke));
        builder = builder.plugin(plugin.build());
    }
    builder
}

/// Tauri has checked already that this window may make this call; the contract checks it again.
fn answer<R: Runtime>(area: &'static str, invoke: Invoke<R>) -> bool {
    let Invoke { message, resolver, .. } = invoke;
    let host: Arc<Host> = Arc::clone(&message.webview_ref().state::<Arc<Host>>());
    message.webview_ref().state::<Arc<Idle>>().touch();
    let caller = Window::from_label(message.webview_ref().label());
    let command = message.command().to_owned();
    let request = match message.payload() {
        InvokeBody::Json(Value::Object(arguments)) => arguments.get("request").cloned(),
        InvokeBody::Json(_) | InvokeBody::Raw(_) => None,
    };
    resolver.respond_async(async move {
        let (Some(caller), Some(request)) = (caller, request) else {
            return Err(misdirected(Misdirected::Shape));
        };
        match dispatch(&*host, caller, area, &command, request).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(failure)) => Err(told(&failure)),
            Err(why) => Err(misdirected(why)),
        }
    });
    true
}

fn told(failure: &Failure) -> InvokeError {
    InvokeError::from(serde_json::to_value(failure).unwrap_or_default())
}

/// A page that asks for what it may not ask for is broken or hostile: it learns nothing more.
fn misdirected(why: Misdirected) -> InvokeError {
    let code = match why {
        Misdirected::Unknown | Misdirected::Forbidden => "call-refused",
        Misdirected::Shape | Misdirected::Answer => "call-not-understood",
    };
    told(&Failure {
        code: code.to_owned(),
        message: "The window asked for something it may not ask for.".to_owned(),
        advice: "Nothing was changed.".to_owned(),
    })
}
