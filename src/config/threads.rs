//! How many threads there are, and whether the system has room for them.

use crate::error::{Error, Result};

/// The most threads that a user can ask for.
const MAX_THREADS: usize = 1024;
/// Threads beside the pools: those that read and hash, and one that Polars makes for itself.
const SPARE_THREADS: usize = 4;

/// Makes the pool of threads that all rooms work with.
///
/// # Errors
///
/// If the system gives fewer: of the pool, or of those that read beside it.
pub(crate) fn use_threads(threads: usize) -> Result<()> {
    let failed = |error: &dyn std::fmt::Display| {
        Error::usage(format!("the threads to work with cannot be started: {error}"))
            .hint("lower `--threads`, or raise the limits of processes and memory (`ulimit -u`, `ulimit -v`)")
    };
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().map_err(|error| failed(&error))?;
    check_room_for_threads().map_err(|error| failed(&error))
}

/// Libraries end the program if they cannot start their threads. So this starts as many first, and lets them end.
fn check_room_for_threads() -> std::io::Result<()> {
    let pool = std::thread::available_parallelism().map_or(1, usize::from);
    let open = std::sync::Mutex::new(());
    std::thread::scope(|scope| {
        // held so that all of them are there at the same time
        let _closed = open.lock();
        let wait = || drop(open.lock());
        (0..pool + SPARE_THREADS)
            .try_for_each(|_| std::thread::Builder::new().spawn_scoped(scope, wait).map(drop))
    })
}

/// How many threads to use; 0 means one for each processor.
pub(crate) fn check_threads(threads: Option<usize>) -> Result<usize> {
    match threads {
        Some(threads) if !(1..=MAX_THREADS).contains(&threads) => {
            let what = format!("`--threads`: expected 1 to {MAX_THREADS}, found {threads}");
            Err(Error::usage(what).hint("leave it out for one thread for each processor"))
        }
        threads => Ok(threads.unwrap_or(0)),
    }
}
