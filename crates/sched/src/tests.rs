use super::*;

fn settings() -> TransportSettings {
    TransportSettings {
        process_limit: 100,
        recipient_limit: 50,
        initial_concurrency: 5,
        concurrency_limit: 20,
        positive: Feedback::Constant(1.0),
        negative: Feedback::Constant(1.0),
        failed_cohort_limit: 1.0,
        destination_rate_delay: Moment::ZERO,
        transport_rate_delay: Moment::ZERO,
        retry_destination: Moment::from_secs(300),
        retry_transport: Moment::from_secs(60),
    }
}

fn scheduler(settings: TransportSettings) -> Scheduler {
    let mut s = Scheduler::new();
    s.add_transport("smtp", settings);
    s
}

fn fill(s: &mut Scheduler, destination: &str, n: usize) -> Vec<EntryId> {
    (0..n)
        .map(|_| {
            let e = s.new_entry();
            assert!(s.add(e, "smtp", destination, Moment::ZERO));
            e
        })
        .collect()
}

/// Delivers all that may leave at once, and gives it.
fn drain(s: &mut Scheduler, now: Moment) -> Vec<Assignment> {
    std::iter::from_fn(|| s.next(now)).collect()
}

#[test]
fn a_refusing_destination_is_left_alone_after_one_cohort() {
    let mut s = scheduler(settings());
    fill(&mut s, "remote.example", 14);
    let (mut attempts, mut back) = (0, Vec::new());
    let mut out: VecDequeOf = drain(&mut s, Moment::ZERO).into();
    assert_eq!(out.len(), 5);
    while let Some(a) = out.pop_front() {
        attempts += 1;
        back.extend(s.finished(a.entry, Outcome::Failed, Moment::ZERO));
        if !back.is_empty() {
            break;
        }
        out.extend(drain(&mut s, Moment::ZERO));
    }
    assert_eq!(attempts, 4);
    assert_eq!(back.len() + attempts + out.len(), 14);
    let e = s.new_entry();
    assert!(!s.add(e, "smtp", "remote.example", Moment::from_secs(299)), "dead destinations take nothing");
    assert!(s.add(e, "smtp", "other.example", Moment::from_secs(1)), "others are not delayed");
    assert!(s.add(e, "smtp", "remote.example", Moment::from_secs(301)), "it is tried again later");
}

type VecDequeOf = std::collections::VecDeque<Assignment>;

#[test]
fn the_window_widens_to_its_limit() {
    let mut s = scheduler(settings());
    fill(&mut s, "a", 200);
    let mut out: VecDequeOf = drain(&mut s, Moment::ZERO).into();
    for _ in 0..60 {
        let a = out.pop_front().unwrap();
        s.finished(a.entry, Outcome::Fine, Moment::ZERO);
        out.extend(drain(&mut s, Moment::ZERO));
    }
    assert_eq!(out.len(), 20);
}

#[test]
fn destinations_take_turns_and_the_process_limit_holds() {
    let mut s = scheduler(TransportSettings { process_limit: 4, ..settings() });
    fill(&mut s, "a", 10);
    fill(&mut s, "b", 10);
    let out = drain(&mut s, Moment::ZERO);
    assert_eq!(out.iter().map(|a| a.destination.as_str()).collect::<Vec<_>>(), ["a", "b", "a", "b"]);
    assert!(out[0].more);
    s.finished(out[0].entry, Outcome::Fine, Moment::ZERO);
    assert_eq!(drain(&mut s, Moment::ZERO).len(), 1);
}

#[test]
fn a_rate_delay_is_one_at_a_time_with_a_pause() {
    let mut s = scheduler(TransportSettings { destination_rate_delay: Moment::from_secs(2), ..settings() });
    fill(&mut s, "a", 3);
    let first = drain(&mut s, Moment::ZERO);
    assert_eq!(first.len(), 1);
    s.finished(first[0].entry, Outcome::Fine, Moment::from_secs(1));
    assert_eq!(drain(&mut s, Moment::from_secs(2)), []);
    assert_eq!(s.next_event(), Some(Moment::from_secs(3)));
    s.tick(Moment::from_secs(3));
    assert_eq!(drain(&mut s, Moment::from_secs(3)).len(), 1);
}

#[test]
fn an_unusable_transport_hands_everything_back() {
    let mut s = scheduler(settings());
    let all = fill(&mut s, "a", 7);
    let first = s.next(Moment::ZERO).unwrap();
    let mut back = s.transport_failed(first.entry, Moment::ZERO);
    back.sort_unstable();
    assert_eq!(back, all);
    let e = s.new_entry();
    assert!(!s.add(e, "smtp", "b", Moment::from_secs(59)));
    s.revive();
    assert!(s.add(e, "smtp", "b", Moment::from_secs(59)));
}
