//! Options that say how accounts are written, for every command that reads them.

use clap::Args;
use serde::{Deserialize, Serialize};

/// Which column holds what, and how tables and times are written.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct ColumnArgs {
    /// What separates the fields of a table: `,`, `;`, `tab`, `|` or another character [default: by the first line]
    #[arg(long, value_name = "CHARACTER")]
    pub delimiter: Option<String>,
    /// The first line of a table is an account; columns are named by their numbers: `--email-column 2`
    #[arg(long)]
    pub no_header: bool,
    /// Column of the address [default: email, email_address or mail, in any spelling]
    #[arg(long, value_name = "COLUMN")]
    pub email_column: Option<String>,
    /// Column of what rows name, whatever `--subject` is [default: domain, fqdn, host …; url, homepage …; group_id, namespace …]
    #[arg(long, value_name = "COLUMN")]
    pub subject_column: Option<String>,
    /// Column of the identifier [default: id, account_id, user_id or username]
    #[arg(long, value_name = "COLUMN")]
    pub id_column: Option<String>,
    /// Column of the last verification [default: verified_at, email_verified_at or confirmed_at]
    #[arg(long, value_name = "COLUMN")]
    pub verified_at_column: Option<String>,
    /// Column of the first verification [default: first_verified_at]
    #[arg(long, value_name = "COLUMN")]
    pub first_verified_at_column: Option<String>,
    /// Column of the weight [default: weight or downloads]
    #[arg(long, value_name = "COLUMN")]
    pub weight_column: Option<String>,
    /// Column that says for how many accounts a row stands [default: accounts or count, unless rows name addresses]
    #[arg(long, value_name = "COLUMN")]
    pub accounts_column: Option<String>,
    /// How times of verification are written, as a strftime pattern, if they can be read two ways: `%d/%m/%Y`
    #[arg(long, value_name = "PATTERN")]
    pub time_format: Option<String>,
}
