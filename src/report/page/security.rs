//! The style and the script of the page, and the policy that allows these two and nothing else.
//!
//! Content Security Policy Level 3, section 2.3.1: a source may be the hash of what stands between the tags.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// Between `<style>` and `</style>`.
pub(super) const STYLE: &str = include_str!("html/page.css");
/// Between `<script>` and `</script>`.
pub(super) const SCRIPT: &str = include_str!("html/page.js");

/// What a browser may do with the page.
pub(super) static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    let (style, script) = (hash(STYLE), hash(SCRIPT));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; base-uri 'none'; form-action 'none'"
    )
});
