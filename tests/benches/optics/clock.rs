//! The CPU time that something takes.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// Tells how long this thread has run; waiting and other threads do not count.
pub(crate) fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Runs something and tells the CPU time that it took.
pub(crate) fn timed<T>(act: impl FnOnce() -> T) -> (T, Duration) {
    let begun = thread_time();
    let result = act();
    (result, thread_time() - begun)
}

/// Gives the median CPU time of several runs, in milliseconds; the first is not counted.
pub(crate) fn median<T>(runs: usize, mut act: impl FnMut() -> T) -> f64 {
    std::hint::black_box(act());
    let mut times: Vec<Duration> = (0..runs).map(|_| timed(|| std::hint::black_box(act())).1).collect();
    times.sort_unstable();
    times[runs / 2].as_secs_f64() * 1e3
}
