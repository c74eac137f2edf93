//! Usage mistakes that the grammar of the command line finds, made safe to print.

use clap::error::ContextValue;

use super::{Message, Output};
use crate::escape;

/// A mistake as a message. What was typed stays on its line, whatever characters it holds.
pub fn usage_mistake(mut error: clap::Error) -> Output {
    let context: Vec<_> = error.context().map(|(kind, value)| (kind, shown(value))).collect();
    for (kind, value) in context {
        match value {
            Some(value) => error.insert(kind, value),
            None => error.remove(kind),
        };
    }
    Output::failed(Message::Verbatim(error.render().to_string().trim_end().to_owned() + "\n"))
}

/// A part of a mistake as it may be shown; `None` for a tip that repeats what may not be shown.
fn shown(value: &ContextValue) -> Option<ContextValue> {
    let shown = |text: &String| escape::sample(text).into_owned();
    match value {
        ContextValue::String(text) => Some(ContextValue::String(shown(text))),
        ContextValue::Strings(texts) => Some(ContextValue::Strings(texts.iter().map(shown).collect())),
        ContextValue::StyledStrs(tips) => {
            let is_plain = |tip: String| escape::line(&tip) == tip;
            tips.iter().all(|tip| is_plain(tip.to_string())).then(|| value.clone())
        }
        other => Some(other.clone()),
    }
}
