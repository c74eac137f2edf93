//! The calendar of drops: when the domains of accounts can first be registered by others, day by day, as a chart.

use std::cmp::Reverse;

use super::top::TopRows;
use super::words;
use crate::time::Day;
use crate::wording::{agree, and_more, count, grouped};

/// Days of the calendar, from the day after the judgement on.
const DAYS: usize = 60;
/// Domains that are named for a day.
const NAMED: usize = 3;

/// The measures of the chart, in its own units.
const WIDTH: usize = 1120;
const LEFT: usize = 44;
const TOP: usize = 12;
const HEIGHT: usize = 150;
const BELOW: usize = 28;
const STEP: usize = (WIDTH - LEFT) / DAYS;
const BAR: usize = STEP - 5;

/// The days with what drops on them.
#[derive(Debug)]
pub(super) struct DropCalendar {
    today: Day,
    /// Domains and accounts that others can have already, or any day.
    open: [u64; 2],
    /// The same after the last day of the calendar.
    after: [u64; 2],
    days: Vec<DropDay>,
}

/// What drops on a day.
#[derive(Debug)]
struct DropDay {
    domains: u64,
    accounts: u64,
    unverify: u64,
    names: TopRows<(Reverse<u64>, u64), String>,
}

/// The calendar as it is drawn and listed.
#[derive(Debug, Default)]
pub(super) struct CalendarChart {
    pub(super) open: [String; 2],
    pub(super) after: String,
    /// Whether nothing drops on these days.
    pub(super) is_empty: bool,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) bar_width: usize,
    pub(super) bars: Vec<CalendarBar>,
    /// The days that have a name below the chart, and where.
    pub(super) ticks: Vec<(usize, String)>,
    /// The lines across the chart, and where.
    pub(super) lines: Vec<(usize, String)>,
    pub(super) days: Vec<CalendarDay>,
    pub(super) summary: String,
}

/// A bar: accounts to unverify below, the others above.
#[derive(Debug)]
pub(super) struct CalendarBar {
    pub(super) x: usize,
    pub(super) title: String,
    /// Top and height of each part.
    pub(super) rest: [String; 2],
    pub(super) unverify: [String; 2],
}

/// A line of the list.
#[derive(Debug)]
pub(super) struct CalendarDay {
    pub(super) day: String,
    pub(super) weekday: &'static str,
    pub(super) in_days: i32,
    pub(super) domains: String,
    pub(super) accounts: String,
    pub(super) names: String,
}

impl DropCalendar {
    pub(super) fn new(today: Day) -> Self {
        let empty = || DropDay { domains: 0, accounts: 0, unverify: 0, names: TopRows::new(NAMED) };
        Self { today, open: [0; 2], after: [0; 2], days: std::iter::repeat_with(empty).take(DAYS).collect() }
    }

    /// Adds a domain that can be registered from `day` on, with its accounts and how many of them are to be unverified.
    pub(super) fn add(
        &mut self,
        day: Day,
        (accounts, unverify): (u64, u64),
        number: u64,
        name: impl FnOnce() -> String,
    ) {
        let in_days = day.since(self.today);
        let sum = match usize::try_from(in_days) {
            Err(_) | Ok(0) => &mut self.open,
            Ok(in_days) if in_days > DAYS => &mut self.after,
            Ok(in_days) => {
                let day = &mut self.days[in_days - 1];
                day.domains += 1;
                day.accounts += accounts;
                day.unverify += unverify;
                day.names.offer((Reverse(accounts), number), name);
                return;
            }
        };
        sum[0] += 1;
        sum[1] += accounts;
    }

    /// Draws and lists it.
    pub(super) fn chart(self) -> CalendarChart {
        let Self { today, open, after, days } = self;
        let most = days.iter().map(|day| day.accounts).max().unwrap_or_default();
        let top = round_up(most);
        let scale = |accounts: u64| accounts as f64 * HEIGHT as f64 / top as f64;
        let mut chart = CalendarChart {
            open: [count(open[0], "domain"), count(open[1], "account")],
            after: format!("{} {}", count(after[0], "domain"), agree(after[0], "drops", "drop")),
            is_empty: most == 0,
            width: WIDTH,
            height: TOP + HEIGHT + BELOW,
            bar_width: BAR,
            lines: [0, top / 2, top]
                .map(|accounts| (TOP + HEIGHT - scale(accounts).round() as usize, grouped(accounts)))
                .into(),
            ..CalendarChart::default()
        };
        let (mut domains, mut accounts) = (0, 0);
        for (place, drop) in days.into_iter().enumerate() {
            let in_days = place as i32 + 1;
            let day = today.plus(in_days);
            let x = LEFT + place * STEP;
            if words::weekday(day) == "Mon" {
                chart.ticks.push((x + BAR / 2, day.to_string().get(5..).unwrap_or_default().to_owned()));
            }
            if drop.domains == 0 {
                continue;
            }
            domains += drop.domains;
            accounts += drop.accounts;
            let bottom = (TOP + HEIGHT) as f64;
            let (all, unverify) = (scale(drop.accounts), scale(drop.unverify.min(drop.accounts)));
            let rest = all - unverify;
            let part = |top: f64, height: f64| [format!("{top:.1}"), format!("{height:.1}")];
            let (told, of) = (count(drop.domains, "domain"), count(drop.accounts, "account"));
            chart.bars.push(CalendarBar {
                x,
                title: format!("{day}: {told}, {of}"),
                rest: part(bottom - all, rest),
                unverify: part(bottom - unverify, unverify),
            });
            let names = drop.names.finish();
            let more = and_more(names.left(), "domain");
            chart.days.push(CalendarDay {
                day: day.to_string(),
                weekday: words::weekday(day),
                in_days,
                domains: grouped(drop.domains),
                accounts: grouped(drop.accounts),
                names: names.rows.into_iter().chain(more).collect::<Vec<_>>().join(", "),
            });
        }
        chart.summary = format!("{} with {}", count(domains, "domain"), count(accounts, "account"));
        chart
    }
}

/// The next number that is easy to read: 2, 4, 6, 10, 20 and so on, so that its half is whole.
fn round_up(number: u64) -> u64 {
    let mut power = 1_u64;
    loop {
        let round = [2, 4, 6, 10].map(|digit| power.saturating_mul(digit));
        if let Some(round) = round.into_iter().find(|round| *round >= number) {
            return round;
        }
        power = power.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_easy_to_read() {
        for (number, top) in
            [(0, 2), (1, 2), (3, 4), (5, 6), (7, 10), (11, 20), (43, 60), (99, 100), (100, 100), (101, 200)]
        {
            assert_eq!(round_up(number), top);
        }
        assert_eq!(round_up(u64::MAX), u64::MAX);
    }

    #[test]
    fn days_are_counted_from_the_day_after() {
        let today = Day(20_000);
        let mut calendar = DropCalendar::new(today);
        for (in_days, accounts) in [(-3, 1), (0, 2), (1, 4), (1, 8), (60, 16), (61, 32)] {
            calendar.add(today.plus(in_days), (accounts, 1), accounts, || format!("d{accounts}.example"));
        }
        let chart = calendar.chart();
        assert_eq!(
            (&*chart.open[0], &*chart.open[1], &*chart.after),
            ("2 domains", "3 accounts", "1 domain drops")
        );
        let days: Vec<_> = chart.days.iter().map(|day| (day.in_days, &*day.accounts, &*day.names)).collect();
        assert_eq!(days, [(1, "12", "d8.example, d4.example"), (60, "16", "d16.example")]);
        assert_eq!(chart.summary, "3 domains with 28 accounts");
        assert!(chart.bars.iter().all(|bar| bar.x + BAR <= WIDTH));
    }
}
