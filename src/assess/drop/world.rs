//! Are the bounds true? Names with made-up histories, under real and made-up clocks, seen by zones and answers of any
//! days: the day on which someone else could have the name is never outside what is told of it.
//!
//! A name ends in one of two ways: nobody pays, or somebody asks for its deletion, on any day on which it works. A clock
//! whose figure for the second is empty promises nothing of it: it may take any number of days, none included. So what
//! is told of a name in service has to hold even then. Of one that is out of service, or that the registry says is being
//! deleted, the other figures count, which are all that a table can say.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::assess::evidence::contradicts_presence;
use crate::assess::facts::Facts;
use crate::assess::lifecycle::{Clock, DeleteMeaning, Printed, Renews};
use crate::assess::phase::Phases;
use crate::assess::reason::Reason;
use crate::assess::reason_set::ReasonSet;
use crate::assess::rules::judge;
use crate::assess::verdict::State;
use crate::rdap::{Answer, Context, read_answer};
use crate::time::Day;

/// Numbers that decide everything about a world; small ones are plain.
struct Draw<'d>(std::slice::Iter<'d, u16>);

impl Draw<'_> {
    fn below(&mut self, end: i32) -> i32 {
        i32::from(self.0.next().copied().unwrap_or(0)) % end.max(1)
    }

    fn between(&mut self, from: i32, to: i32) -> i32 {
        from + self.below(to - from + 1)
    }

    fn one_in(&mut self, count: i32) -> bool {
        self.below(count) == count - 1
    }

    fn pick<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len() as i32) as usize]
    }
}

/// The figures by which a registry really acts.
#[derive(Debug, Clone, Copy)]
struct Practice {
    out: (i32, i32),
    gone: (i32, i32),
    cancel: Option<i32>,
    restore: i32,
    /// Pending delete stands from the last paid day on.
    early: bool,
}

/// A clock with figures that agree with each other, and the practice that it describes; some figures are missing.
fn clock(draw: &mut Draw<'_>) -> (Clock, Practice) {
    let renews = draw.pick(&["registry", "holder"]);
    let printed = match renews {
        "registry" => draw.pick(&["moves", "yes", "no", "late:15"]),
        _ => draw.pick(&["yes", "no", "drop", "yes"]),
    };
    let out_from = draw.below(32);
    let out = (out_from, out_from + draw.pick(&[0, 1, 15, 45]));
    let gone_from = draw.between(1, 70);
    let gone = (gone_from, gone_from + draw.pick(&[0, 1, 5, 30]));
    let restore = draw.below(gone_from + 1);
    let cancel = draw.between(1, gone.1);
    let meaning = draw.pick(&["with-redemption", "final", "restorable", ""]);
    let mut shown = |days: i32| if draw.one_in(6) { String::new() } else { days.to_string() };
    let figures = [
        shown(out.0),
        shown(out.1),
        shown(out.0 + gone.0),
        shown(out.1 + gone.1),
        shown(gone.0),
        shown(gone.1),
        shown(cancel),
        shown(restore),
    ];
    let line = format!("aa,{renews},{printed},{},{meaning},open,,x,2026-01-01", figures.join(","));
    let clock = Clock::of_line(&line).expect("a line");
    let early = draw.one_in(3) && may_be_early(&clock);
    let practice = Practice { out, gone, cancel: clock.cancel_from, restore, early };
    (clock, practice)
}

/// Whether pending delete may stand before the name leaves the zone.
fn may_be_early(clock: &Clock) -> bool {
    clock.renews == Some(Renews::Holder)
        && clock.pending_delete == Some(DeleteMeaning::Restorable)
        && clock.printed != Printed::Drop
}

/// The practice that a line of the table describes; none if it leaves too much open.
fn practice(clock: &Clock, draw: &mut Draw<'_>) -> Option<Practice> {
    let gone_from = clock.gone_from?;
    let gone = (gone_from, clock.gone_to.unwrap_or(gone_from + 60));
    let out_from = clock.out_from.unwrap_or(0);
    let mut out = (out_from, clock.out_to.unwrap_or(out_from));
    // the sources of a line do not agree on each figure: keep to what all of them allow
    if let Some(drop_from) = clock.drop_from {
        out.0 = out.0.max(drop_from - gone.0).min(out.1.max(drop_from - gone.0));
        out.1 = out.1.max(out.0);
    }
    if let Some(drop_to) = clock.drop_to {
        out.1 = out.1.min(drop_to - gone.1).max(out.0);
    }
    let restore = clock.restore_to.unwrap_or(gone_from).min(gone_from);
    Some(Practice {
        out,
        gone,
        cancel: clock.cancel_from,
        restore,
        early: draw.one_in(9) && may_be_early(clock),
    })
}

/// What really happens to a name, in days from an arbitrary one.
#[derive(Debug, Clone, Copy)]
struct Life {
    /// The last paid day.
    paid: i32,
    /// The first day out of the zone.
    left: i32,
    /// The day on which someone else can have it.
    drop: i32,
    /// Nobody paid; else somebody asked for its deletion.
    is_lapse: bool,
}

fn life(draw: &mut Draw<'_>, clock: &Clock, practice: Practice) -> Option<Life> {
    let paid = 400;
    let expired = paid + draw.between(practice.out.0, practice.out.1);
    let drop = expired + draw.between(practice.gone.0, practice.gone.1);
    let lapsed = Life { paid, left: expired, drop, is_lapse: true };
    let life = match draw.one_in(2) {
        false => lapsed,
        true => {
            let least = practice.cancel.unwrap_or(0);
            let asked = draw.between(expired - 60, expired - 1).min(expired - draw.below(300));
            Life {
                left: asked,
                drop: asked + draw.between(least, practice.gone.1.max(least)),
                is_lapse: false,
                paid,
            }
        }
    };
    // what the line says of both ends has to hold
    let window = |from: Option<i32>, to: Option<i32>, days: i32| {
        from.is_none_or(|from| from <= days) && to.is_none_or(|to| days <= to)
    };
    let fits = window(clock.drop_from.filter(|_| life.is_lapse), clock.drop_to, life.drop - paid)
        && window(clock.gone_from.filter(|_| life.is_lapse), clock.gone_to, life.drop - life.left);
    fits.then_some(life)
}

fn day(number: i32) -> Day {
    Day(20_000 + number)
}

/// An answer of the registry on a day on which it still knows the name.
fn answer(draw: &mut Draw<'_>, clock: &Clock, practice: Practice, life: Life, at: i32) -> Answer {
    let mut statuses = Vec::new();
    let by_registry = clock.renews == Some(Renews::Registry);
    // a name may lapse without a word, but what somebody had deleted says something
    let hides = life.is_lapse && clock.printed != Printed::Drop;
    let out_signs: &[&str] =
        if hides { &["inactive", "server hold", "active"] } else { &["inactive", "server hold"] };
    let restorable = at < life.left + practice.restore + 1;
    if at < life.left {
        statuses.push(if practice.early && at >= life.paid { "pending delete" } else { "active" });
    } else {
        match clock.pending_delete.unwrap_or(DeleteMeaning::Restorable) {
            DeleteMeaning::WithRedemption if restorable => {
                statuses.extend(["redemption period", "pending delete"])
            }
            DeleteMeaning::Restorable if by_registry => statuses.push("pending delete"),
            DeleteMeaning::Restorable => {
                statuses.push(if draw.one_in(2) { draw.pick(out_signs) } else { "pending delete" })
            }
            DeleteMeaning::Final if restorable && by_registry => statuses.push("redemption period"),
            DeleteMeaning::Final if restorable => statuses.push(draw.pick(out_signs)),
            DeleteMeaning::WithRedemption | DeleteMeaning::Final => statuses.push("pending delete"),
        }
    }
    let has_moved = clock.printed == Printed::Moves && at > life.paid && life.left > life.paid;
    if has_moved && at < life.left && draw.one_in(2) {
        statuses.push("auto renew period");
    }
    let mut events = vec![("registration", day(0))];
    match clock.printed {
        Printed::Nothing => {}
        Printed::Drop if at >= life.left => events.push(("expiration", day(life.drop))),
        _ if has_moved => events.push(("expiration", day(life.paid + 365))),
        _ => events.push(("expiration", day(life.paid))),
    }
    if by_registry && draw.one_in(3) {
        events.push(("registrar expiration", day(life.paid)));
    }
    let events: Vec<_> = events
        .iter()
        .map(|(action, day)| serde_json::json!({"eventAction": action, "eventDate": day.to_string()}))
        .collect();
    let object = serde_json::json!({
        "objectClassName": "domain", "ldhName": "a.test", "status": statuses, "events": events
    });
    let context = Context { file_name_domain: None, file_time: day(at).start() };
    read_answer(object.to_string().as_bytes(), &context).expect("an answer")
}

/// Which ends were told.
#[derive(Default, Debug)]
struct Ends {
    earliest: u32,
    latest: u32,
    sharp: u32,
}

fn check(numbers: &[u16], ends: &mut Ends) -> Result<(), TestCaseError> {
    let mut draw = Draw(numbers.iter());
    let real: Vec<&Clock> = Clock::all().collect();
    let made_up;
    let (clock, practice) = if draw.one_in(3) {
        let clock = real[draw.below(real.len() as i32) as usize];
        let Some(practice) = practice(clock, &mut draw) else { return Ok(()) };
        (clock, practice)
    } else {
        made_up = clock(&mut draw);
        (&made_up.0, made_up.1)
    };
    let Some(life) = life(&mut draw, clock, practice) else { return Ok(()) };
    let as_of = draw.between(life.left - 40, life.drop + 20);
    let asked = as_of - draw.below(30);
    let told =
        (asked < life.drop && !draw.one_in(4)).then(|| answer(&mut draw, clock, practice, life, asked));
    // the zone is looked at every few days
    let (step, latest) = (draw.pick(&[1, 1, 7, 30]), as_of - draw.below(4));
    let looks = |day: i32| latest - (latest - day).div_euclid(step) * step;
    let has_zone = !draw.one_in(3);
    let present = latest < life.left;
    let first_out = looks(life.left);
    let last_seen = has_zone
        .then(|| if present { latest } else { first_out - if first_out < life.left { 0 } else { step } });
    let mut facts = Facts {
        as_of: day(as_of).start(),
        lead_days: 30,
        clock,
        special_use: false,
        tld_absent: false,
        public_suffix: false,
        presence: has_zone.then_some(present),
        last_seen: last_seen.map(day),
        dropped: (has_zone && !present)
            .then(|| day(if first_out < life.left { first_out + step } else { first_out })),
        absent_long: false,
        parked_at_expiry: false,
        moved_after_expiry: false,
        answer: told.as_ref(),
        phases: Phases::NONE,
        registrar_expires: told.as_ref().and_then(|answer| answer.events.registrar_expires),
        listed: None,
        standing: None,
        list_expiring: false,
        sources_disagree: false,
        reasons: ReasonSet::EMPTY,
    };
    let contradicts = told.as_ref().is_some_and(|answer| contradicts_presence(answer, Phases::NONE, clock));
    if present && has_zone && contradicts {
        facts.reasons.insert(Reason::Conflict);
        if latest > asked + 1 {
            (facts.answer, facts.registrar_expires) = (None, None);
        }
    }
    let verdict = judge(&facts);
    prop_assert!(verdict.state != State::Available);
    let world = || {
        format!(
            "{clock:?}\n{practice:?}\n{life:?}\nas of {as_of}, asked {asked}: {told:?}\n{facts:#?}\n{verdict:?}"
        )
    };
    let is_deleted = facts.deletion_seen().is_some();
    let was_in_service = (told.is_none() || asked < life.left) && (!has_zone || present) && !is_deleted;
    let has_figure = life.is_lapse || practice.cancel.is_some();
    if let Some(earliest) = verdict.drop.earliest.filter(|_| has_figure || was_in_service) {
        ends.earliest += 1;
        ends.sharp += u32::from(earliest.since(day(life.drop)).abs() < 3);
        prop_assert!(earliest <= day(life.drop), "earliest {}\n{}", earliest.0 - 20_000, world());
    }
    if let Some(latest) = verdict.drop.latest {
        ends.latest += 1;
        prop_assert!(latest >= day(life.drop), "latest {}\n{}", latest.0 - 20_000, world());
    }
    Ok(())
}

#[test]
fn the_true_day_is_within_the_bounds() {
    let mut runner =
        TestRunner::new(Config { cases: 20_000, failure_persistence: None, ..Config::default() });
    let ends = std::cell::RefCell::new(Ends::default());
    let numbers = prop::collection::vec(any::<u16>(), 40);
    let run = runner.run(&numbers, |numbers| check(&numbers, &mut ends.borrow_mut()));
    run.unwrap_or_else(|error| panic!("{error}"));
    let ends = ends.into_inner();
    // the bounds are true because they are told, not because they are not
    assert!(ends.earliest > 4000 && ends.latest > 2000 && ends.sharp > 500, "{ends:?}");
}
