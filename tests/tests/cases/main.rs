//! Faults that people met with mail systems, case by case, ours beside Debian's. A case has a number (`B26`), which stands where its test is: here, or with the
//! suite of its subject. [`numbers`] counts them.

mod aliases;
mod forward;
mod input;
mod limits;
mod numbers;
mod queue;
mod rewriting;
mod services;
mod settings;
mod upkeep;
