//! Questions that a person may ask next, as queries for DuckDB in the directory of the report. A test runs each.

/// A question and the query that answers it.
#[derive(Debug)]
pub(super) struct PageQuery {
    pub(super) question: &'static str,
    pub(super) sql: &'static str,
}

/// The queries. All tables that they name are in every report.
pub(super) const QUERIES: [PageQuery; 5] = [
    PageQuery {
        question: "Which accounts are to be unverified, the most urgent first?",
        sql: "SELECT account_id, judged_domain, state, risk, earliest_drop_on, latest_drop_on
FROM 'accounts.parquet'
WHERE action = 'unverify'
ORDER BY risk_rank DESC, earliest_drop_on, weight DESC;",
    },
    PageQuery {
        question: "Which domains can others register within 14 days, and how much hangs on them?",
        sql: "SELECT earliest_drop_on, judged_domain, state, accounts, weight, registrar
FROM 'domains.parquet'
WHERE days_to_drop <= 14 AND action <> 'none'
ORDER BY earliest_drop_on, accounts DESC;",
    },
    PageQuery {
        question: "Which accounts were verified before their domain changed hands?",
        sql: "SELECT account_id, judged_domain, verified_at, hands_changed_at, action
FROM 'accounts.parquet'
WHERE state = 'reregistered'
ORDER BY hands_changed_at DESC;",
    },
    PageQuery {
        question: "Whose customers are at risk? Accounts by registrar.",
        sql: "SELECT coalesce(registrar, 'not known') AS registrar, count(*) AS domains, sum(accounts) AS accounts
FROM 'domains.parquet'
WHERE risk_rank >= 3
GROUP BY ALL
ORDER BY accounts DESC;",
    },
    PageQuery {
        question: "Why could accounts not be judged? Reasons by how many they hold back.",
        sql: "SELECT reason, count(*) AS domains, sum(accounts) AS accounts
FROM (SELECT unnest(reasons) AS reason, accounts FROM 'domains.parquet' WHERE state = 'unknown')
GROUP BY reason
ORDER BY accounts DESC;",
    },
];
