//! Which threads there are, and which of them may wait.
//!
//! There are two kinds:
//!
//! * *The pool* (rayon, with as many workers as the user wants) computes. A worker never waits for another thread: in
//!   a pool of one it would wait for itself. No worker receives from a channel, joins a thread, or holds a lock
//!   while it gives work to the pool.
//! * *All others* read, write and wait: the thread a command begins on, those made here, and the reading threads of
//!   [`crate::input::source`]. They give computations to the pool.
//!
//! A panic on any thread is passed on to the thread that waits for it. If the system allows no more threads, the work is
//! done on this one.

use std::collections::VecDeque;
use std::panic::resume_unwind;
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, PoisonError};
use std::thread::{Builder, scope};

use crate::error::{Error, Result};

/// Jobs that are being worked on or wait to be taken, for each worker.
const WINDOW: usize = 4;

/// How many workers the pool has.
pub(crate) fn workers() -> usize {
    rayon::current_num_threads()
}

/// Whether this thread may wait for another one. The workers of the pool must not.
pub(crate) fn may_wait() -> bool {
    rayon::current_thread_index().is_none()
}

/// An error on a worker of the pool: better a failure than a run that hangs.
pub(crate) fn check_may_wait() -> Result<()> {
    if may_wait() {
        Ok(())
    } else {
        Err(Error::internal("a worker of the pool would wait for another thread"))
    }
}

/// Does two things at the same time. Both may wait, but not for each other.
pub(crate) fn side_by_side<A: Send, B>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B) -> (A, B) {
    debug_assert!(may_wait(), "a worker would wait for a thread");
    let one = Mutex::new(Some(one));
    let run_one = || {
        let one = one.lock().unwrap_or_else(PoisonError::into_inner).take();
        one.map(|one| one())
    };
    scope(|scope| {
        let aside = Builder::new().name("aside".into()).spawn_scoped(scope, run_one);
        let other = other();
        let one = match aside {
            Ok(aside) => aside.join().unwrap_or_else(|panic| resume_unwind(panic)),
            Err(_) => run_one(),
        };
        (one.unwrap_or_else(|| unreachable!("it is taken once: aside, or here if that cannot be")), other)
    })
}

/// Runs `work` on up to `count` threads, including this one. It takes its tasks from a queue, and may wait.
pub(crate) fn lanes(count: usize, work: impl Fn() + Sync) {
    debug_assert!(may_wait(), "a worker would wait for a thread");
    scope(|scope| {
        let others: Vec<_> = (1..count)
            .filter_map(|_| Builder::new().name("lane".into()).spawn_scoped(scope, &work).ok())
            .collect();
        work();
        for lane in others {
            lane.join().unwrap_or_else(|panic| resume_unwind(panic));
        }
    });
}

/// Lets the pool compute while this thread does something that may wait.
pub(crate) fn beside_the_pool<A, B: Send>(
    compute: impl FnOnce() -> B + Send,
    here: impl FnOnce() -> A,
) -> (A, B) {
    debug_assert!(may_wait(), "a worker would wait");
    let mut computed = None;
    let done = rayon::in_place_scope(|scope| {
        scope.spawn(|_| computed = Some(compute()));
        here()
    });
    (done, computed.unwrap_or_else(|| unreachable!("the scope ends after what was begun in it")))
}

/// Works on jobs in the pool and hands on their results in order. Only a few jobs are ahead of the results.
pub(crate) fn in_order<J: Send, R: Send>(
    jobs: impl Iterator<Item = J>,
    work: impl Fn(J) -> R + Sync,
    take: &mut dyn FnMut(R) -> Result<()>,
) -> Result<()> {
    let window = WINDOW * workers();
    let (mut jobs, work) = (jobs.fuse(), &work);
    rayon::in_place_scope(|scope| {
        let mut pending = VecDeque::with_capacity(window);
        loop {
            while pending.len() < window
                && let Some(job) = jobs.next()
            {
                let (sender, receiver) = sync_channel(1);
                // nobody receives the result if handing on an earlier one failed
                scope.spawn(move |_| drop(sender.send(work(job))));
                pending.push_back(receiver);
            }
            match pending.pop_front().map(|receiver| receiver.recv()) {
                Some(Ok(done)) => take(done)?,
                Some(Err(_)) => return Err(Error::internal("a worker of the pool has stopped")),
                None => return Ok(()),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::channel;

    #[test]
    fn both_sides_may_wait_for_each_other() {
        let ((there, back), (send, receive)) = (channel(), channel());
        let (one, other) = side_by_side(
            move || {
                assert!(may_wait());
                there.send(1).expect("somebody waits");
                receive.recv().expect("somebody answers")
            },
            move || {
                let got: i32 = back.recv().expect("somebody sends");
                send.send(got + 1).expect("somebody waits");
                got
            },
        );
        assert_eq!((one, other), (2, 1));
    }

    #[test]
    fn lanes_empty_a_queue() {
        let (queue, sum) = (Mutex::new(1..=1000_usize), AtomicUsize::new(0));
        lanes(8, || {
            while let Some(number) = queue.lock().ok().and_then(|mut queue| queue.next()) {
                sum.fetch_add(number, Ordering::Relaxed);
            }
        });
        assert_eq!(sum.into_inner(), 500_500);
    }

    #[test]
    fn workers_of_the_pool_are_told_apart() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
        assert!(may_wait() && check_may_wait().is_ok());
        pool.install(|| assert!(!may_wait() && check_may_wait().is_err()));
        let (here, computed) = beside_the_pool(may_wait, may_wait);
        assert_eq!((here, computed), (true, false));
    }

    #[test]
    fn panics_are_passed_on() {
        let lost = |work: &dyn Fn()| {
            let panic = catch_unwind(AssertUnwindSafe(work)).expect_err("a panic");
            assert_eq!(panic.downcast_ref::<&str>(), Some(&"on purpose"));
        };
        lost(&|| {
            side_by_side(|| panic!("on purpose"), || ());
        });
        lost(&|| {
            side_by_side(|| (), || panic!("on purpose"));
        });
        lost(&|| lanes(2, || panic!("on purpose")));
        lost(&|| {
            beside_the_pool(|| panic!("on purpose"), || ());
        });
    }
}
