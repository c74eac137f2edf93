//! Usage mistakes that the grammar of the command line finds, made safe to print.

use clap::error::ContextValue;

use super::{Message, Output};
use crate::error::Error;
use crate::escape;

/// A mistake as a message. What was typed stays on its line, whatever characters it holds.
pub fn usage_mistake(mut error: clap::Error, json: bool) -> Output {
    let context: Vec<_> = error.context().map(|(kind, value)| (kind, shown(value))).collect();
    for (kind, value) in context {
        match value {
            Some(value) => error.insert(kind, value),
            None => error.remove(kind),
        };
    }
    let text = error.render().to_string().trim_end().to_owned() + "\n";
    let error = in_parts(&text);
    Output { json, ..Output::failed(Message::Mistake { text, error }) }
}

/// What happened, and the remedy: the first paragraph, and the tips. The usage follows them.
fn in_parts(text: &str) -> Error {
    let joined = |lines: &mut dyn Iterator<Item = &str>| lines.map(str::trim).collect::<Vec<_>>().join(" ");
    let first = joined(&mut text.lines().take_while(|line| !line.is_empty()));
    let tips = joined(&mut text.lines().filter_map(|line| line.trim_start().strip_prefix("tip: ")));
    let error = Error::usage(first.strip_prefix("error: ").unwrap_or(&first));
    match tips.is_empty() {
        true => error.hint("`--help` shows what the command takes"),
        false => error.hint(tips),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let text = "error: unexpected argument '--zone' found\n\n  tip: a similar argument exists: '--zones'\n\n\
                    Usage: zonelapse audit [OPTIONS] [ACCOUNTS]...\n\nFor more information, try '--help'.\n";
        let error = in_parts(text);
        assert_eq!(error.what, "unexpected argument '--zone' found");
        assert_eq!(
            error.hint.map(|hint| hint.to_string()).as_deref(),
            Some("a similar argument exists: '--zones'")
        );
        let missing =
            in_parts("error: the following required arguments were not provided:\n  <A>\n  <B>\n\nUsage: x");
        assert_eq!(missing.what, "the following required arguments were not provided: <A> <B>");
        assert!(missing.hint.is_some());
    }
}
