use futures::future::join_all;
use proptest::prelude::*;
use tokio::time::sleep;

use super::*;

const CREATE_JOB: Endpoint = Endpoint::once("/api/2.2/jobs/create");
const GET_PERMISSIONS: Endpoint = Endpoint::read("/api/2.0/permissions");
const LIST_USERS: Endpoint = Endpoint::read("/api/2.0/preview/scim/v2/Users");
const LIST_FOLDER: Endpoint = Endpoint::read("/api/2.0/workspace/list");
const PATIENCE: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);

/// A budget of a client of its own, and what that client demands of it.
fn with(options: &ClientOptions) -> (RateBudget, Terms) {
    let budget = RateBudget::default();
    let terms = budget.terms(options);
    (budget, terms)
}

fn default() -> (RateBudget, Terms) {
    with(&ClientOptions::default())
}

fn paused_runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

/// One request whose way there, and whole duration, are as given. Answers when it was sent and when it arrived.
async fn request(
    budget: &RateBudget,
    terms: &Terms,
    endpoint: &Endpoint,
    way: Duration,
    took: Duration,
) -> (Instant, Instant) {
    let permit = budget.admit(endpoint, terms, PATIENCE).await.unwrap();
    let sent_at = Instant::now();
    sleep(took).await;
    drop(permit);
    (sent_at, sent_at + way)
}

/// The most moments that lie within one window, wherever it begins.
fn most_within(window: Duration, moments: &mut [Instant]) -> usize {
    moments.sort();
    let within = |begin: &Instant| moments.iter().filter(|at| *at >= begin && **at - *begin < window).count();
    moments.iter().map(within).max().unwrap_or_default()
}

fn ms(number: u64) -> Duration {
    Duration::from_millis(number)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_window_holds_more_than_the_limit_whenever_calls_come(
        calls in prop::collection::vec((0_u64..4_000, 0_u64..12, 0_u64..12), 1..220),
    ) {
        paused_runtime().block_on(async {
            for (endpoint, limit) in [(CREATE_JOB, 20), (GET_PERMISSIONS, 100)] {
                let (budget, terms) = with(&ClientOptions { max_concurrent_requests: 500, ..ClientOptions::default() });
                // As fast as it can be, so that what is late is known to be.
                for _ in 0..40 {
                    request(&budget, &terms, &endpoint, ms(1), ms(2)).await;
                }
                let requests = calls.iter().map(async |(at, way, work)| {
                    sleep(ms(*at)).await;
                    request(&budget, &terms, &endpoint, ms(1 + *way), ms(2 + way + work)).await
                });
                let (mut sent, mut arrived): (Vec<_>, Vec<_>) = join_all(requests).await.into_iter().unzip();
                assert!(most_within(SECOND, &mut sent) <= limit, "as we send them");
                assert!(most_within(SECOND, &mut arrived) <= limit, "as they arrive");
            }
        });
    }

    #[test]
    fn under_saturation_the_limit_is_used_up(took in prop::collection::vec(18_u64..40, 600)) {
        paused_runtime().block_on(async {
            for (endpoint, limit) in [(CREATE_JOB, 20.0), (GET_PERMISSIONS, 100.0)] {
                let (budget, terms) = default();
                let began_at = Instant::now();
                let requests = took.iter().map(|took| request(&budget, &terms, &endpoint, ms(1), ms(*took)));
                let mut sent: Vec<_> = join_all(requests).await.into_iter().map(|(sent, _)| sent).collect();
                sent.sort();
                let took = (*sent.last().unwrap() - began_at).as_secs_f64();
                let share = (sent.len() - 1) as f64 / took / limit;
                assert!(share >= 0.97, "{endpoint:?}: {share}");
            }
        });
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_stall_held_up_counts_when_it_arrives() {
    let (budget, terms) = default();
    let arrivals = (0..1_500).map(async |number| {
        let permit = budget.admit(&GET_PERMISSIONS, &terms, PATIENCE).await.unwrap();
        // Now and then a few requests arrive 200 ms late.
        let way = if number > 100 && number % 150 < 8 { ms(200) } else { ms(1) };
        sleep(way).await;
        let arrived_at = Instant::now();
        sleep(ms(20)).await;
        drop(permit);
        arrived_at
    });
    let began_at = Instant::now();
    let mut arrived = join_all(arrivals).await;
    assert!(most_within(SECOND, &mut arrived) <= 100, "{}", most_within(SECOND, &mut arrived));
    assert!(began_at.elapsed() < ms(15_450), "{:?}", began_at.elapsed());
}

#[tokio::test(start_paused = true)]
async fn work_that_takes_now_long_and_now_short_does_not_cost_the_limit() {
    let (budget, terms) = with(&ClientOptions { max_concurrent_requests: 50, ..ClientOptions::default() });
    let work = |number: u64| ms(20 + number * 7_919 % 250);
    let requests = (0..1_500).map(|number| request(&budget, &terms, &GET_PERMISSIONS, ms(1), work(number)));
    let began_at = Instant::now();
    let sent = join_all(requests).await.into_iter().map(|(sent_at, _)| sent_at);
    let per_second = 1_500.0 / (sent.max().unwrap() - began_at).as_secs_f64();
    assert!(per_second >= 97.0, "{per_second}");
}

#[tokio::test(start_paused = true)]
async fn a_limit_per_minute_is_kept_and_used_up() {
    let (budget, terms) = default();
    let requests = (0..800).map(|_| request(&budget, &terms, &LIST_USERS, ms(1), ms(100)));
    let began_at = Instant::now();
    let (mut sent, _): (Vec<_>, Vec<_>) = join_all(requests).await.into_iter().unzip();
    assert!(most_within(60 * SECOND, &mut sent) <= 255);
    assert!(most_within(SECOND, &mut sent) <= 10, "and not in bursts");
    let per_minute = 800.0 / began_at.elapsed().as_secs_f64() * 60.0;
    assert!(per_minute >= 255.0 * 0.97, "{per_minute}");
}

#[tokio::test(start_paused = true)]
async fn requests_are_spread_over_the_second() {
    let (budget, terms) = default();
    let requests = (0..200).map(|_| request(&budget, &terms, &GET_PERMISSIONS, ms(1), ms(5)));
    let (mut sent, _): (Vec<_>, Vec<_>) = join_all(requests).await.into_iter().unzip();
    assert!(most_within(ms(100), &mut sent) <= 17, "{}", most_within(ms(100), &mut sent));
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_place_does_not_make_a_burst() {
    let (budget, terms) = with(&ClientOptions { max_concurrent_requests: 2, ..ClientOptions::default() });
    // Both places are taken for long by something else; meanwhile there would be time for a hundred creates.
    let hogs = (0..2).map(|_| request(&budget, &terms, &LIST_FOLDER, ms(1), 5 * SECOND));
    let creates = (0..60).map(async |_| {
        sleep(ms(10)).await;
        request(&budget, &terms, &CREATE_JOB, ms(1), ms(5)).await.0
    });
    let (_, mut sent) = tokio::join!(join_all(hogs), join_all(creates));
    assert!(most_within(SECOND, &mut sent) <= 20);
    assert!(most_within(ms(200), &mut sent) <= 6, "{}", most_within(ms(200), &mut sent));
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_slow_endpoint_takes_no_place_from_others() {
    let (budget, terms) = with(&ClientOptions { max_concurrent_requests: 2, ..ClientOptions::default() });
    let slow = join_all((0..40).map(|_| request(&budget, &terms, &LIST_USERS, ms(1), ms(1))));
    let fast = async {
        let began_at = Instant::now();
        join_all((0..100).map(|_| request(&budget, &terms, &LIST_FOLDER, ms(1), ms(10)))).await;
        began_at.elapsed()
    };
    let (_, took) = tokio::join!(slow, fast);
    assert!(took < SECOND, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn without_a_published_limit_there_is_no_wait() {
    let careless = ClientOptions { honours_published_limits: false, ..ClientOptions::default() };
    for (options, endpoint) in [(ClientOptions::default(), LIST_FOLDER), (careless, CREATE_JOB)] {
        let (budget, terms) = with(&options);
        let began_at = Instant::now();
        for _ in 0..1_000 {
            drop(budget.admit(&endpoint, &terms, PATIENCE).await.unwrap());
        }
        assert_eq!(began_at.elapsed(), Duration::ZERO);
    }
}

/// Sends for so long and answers how many a second that were.
async fn rate_over(budget: &RateBudget, terms: &Terms, endpoint: &Endpoint, seconds: u32) -> f64 {
    let end = Instant::now() + SECOND * seconds;
    let mut sent = 0;
    while Instant::now() < end {
        request(budget, terms, endpoint, ms(1), ms(1)).await;
        sent += 1;
    }
    f64::from(sent) / f64::from(seconds)
}

#[tokio::test(start_paused = true)]
async fn a_429_lowers_a_published_limit_which_then_recovers() {
    let (budget, terms) = default();
    let before = rate_over(&budget, &terms, &CREATE_JOB, 10).await;
    let mut refused = budget.admit(&CREATE_JOB, &terms, PATIENCE).await.unwrap();
    refused.throttled(2 * SECOND);
    drop(refused);
    let resumed_at = Instant::now() + 2 * SECOND;
    drop(budget.admit(&CREATE_JOB, &terms, PATIENCE).await.unwrap());
    assert!(Instant::now() >= resumed_at, "the pause is kept");
    let lowered = rate_over(&budget, &terms, &CREATE_JOB, 1).await;
    assert!(lowered < before * 0.85, "{before} {lowered}");
    rate_over(&budget, &terms, &CREATE_JOB, 8).await;
    let after = rate_over(&budget, &terms, &CREATE_JOB, 10).await;
    assert!(after > before * 0.99, "{before} {after}");
}

#[tokio::test(start_paused = true)]
async fn a_429_sets_a_limit_where_none_is_published() {
    let (budget, terms) = default();
    let before = rate_over(&budget, &terms, &LIST_FOLDER, 2).await;
    let mut refused = budget.admit(&LIST_FOLDER, &terms, PATIENCE).await.unwrap();
    refused.throttled(SECOND);
    drop(refused);
    sleep(SECOND).await;
    let lowered = rate_over(&budget, &terms, &LIST_FOLDER, 1).await;
    assert!(lowered > before * 0.5 && lowered < before * 0.85, "{before} {lowered}");
    rate_over(&budget, &terms, &LIST_FOLDER, 20).await;
    let after = rate_over(&budget, &terms, &LIST_FOLDER, 1).await;
    assert!(after > before * 0.95, "{before} {after}");
}

#[tokio::test(start_paused = true)]
async fn those_that_were_under_way_together_lower_it_once() {
    let (budget, terms) = with(&ClientOptions { max_concurrent_requests: 50, ..ClientOptions::default() });
    let permits = join_all((0..20).map(|_| budget.admit(&CREATE_JOB, &terms, PATIENCE)))
        .await
        .into_iter()
        .map(Result::unwrap);
    for mut permit in permits.collect::<Vec<_>>() {
        permit.throttled(SECOND);
    }
    let lane = &budget.snapshot()[0];
    assert_eq!((lane.throttled, lane.backs_off_for_ms), (20, Some(1_000)));
    assert!((lane.allowed_per_s.unwrap() - 14.0).abs() < 0.01, "{lane:?}");
}

#[tokio::test(start_paused = true)]
async fn a_pause_holds_for_everybody_at_that_endpoint_only() {
    let (budget, terms) = default();
    let mut refused = budget.admit(&LIST_FOLDER, &terms, PATIENCE).await.unwrap();
    refused.throttled(5 * SECOND);
    // A shorter one does not lift it.
    refused.throttled(SECOND);
    let began_at = Instant::now();
    drop(budget.admit(&CREATE_JOB, &terms, PATIENCE).await.unwrap());
    assert_eq!(began_at.elapsed(), Duration::ZERO);
    drop(budget.admit(&LIST_FOLDER, &terms, PATIENCE).await.unwrap());
    assert!(began_at.elapsed() >= 5 * SECOND);
    assert!(began_at.elapsed() < 6 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_is_too_long_is_not_waited_for() {
    let (budget, terms) = default();
    budget.admit(&LIST_FOLDER, &terms, PATIENCE).await.unwrap().throttled(90 * SECOND);
    let paused = budget.admit(&LIST_FOLDER, &terms, PATIENCE).await.unwrap_err();
    assert_eq!(paused, Paused { remaining: 90 * SECOND });
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_is_never_served_gives_up_together() {
    let (budget, terms) = default();
    let attempt = async |_| {
        let mut permit = budget.admit(&LIST_FOLDER, &terms, 5 * SECOND).await?;
        permit.throttled(SECOND);
        Ok::<_, Paused>(())
    };
    let began_at = Instant::now();
    let outcomes = join_all((0..1_000).map(attempt)).await;
    assert!(began_at.elapsed() < 7 * SECOND, "{:?}", began_at.elapsed());
    assert!(outcomes.iter().filter(|outcome| outcome.is_err()).count() > 900);
    // Whoever comes later may try.
    let later = budget.admit(&LIST_FOLDER, &terms, 5 * SECOND).await;
    assert!(later.is_ok());
}

#[tokio::test(start_paused = true)]
async fn only_so_many_are_under_way_at_once() {
    let (budget, terms) = with(&ClientOptions { max_concurrent_requests: 2, ..ClientOptions::default() });
    let first = budget.admit(&LIST_FOLDER, &terms, PATIENCE).await.unwrap();
    let _second = budget.admit(&LIST_FOLDER, &terms, PATIENCE).await.unwrap();
    let third = tokio::time::timeout(SECOND, budget.admit(&LIST_FOLDER, &terms, PATIENCE)).await;
    assert!(third.is_err(), "there was no place");
    drop(first);
    drop(budget.admit(&LIST_FOLDER, &terms, PATIENCE).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn who_queued_before_the_pause_waits_it_out_too() {
    let (budget, terms) = with(&ClientOptions { max_concurrent_requests: 1, ..ClientOptions::default() });
    let began_at = Instant::now();
    let mut under_way = budget.admit(&LIST_FOLDER, &terms, PATIENCE).await.unwrap();
    let (queued, ()) = tokio::join!(budget.admit(&LIST_FOLDER, &terms, PATIENCE), async {
        sleep(ms(10)).await;
        under_way.throttled(3 * SECOND);
        drop(under_way);
    });
    drop(queued.unwrap());
    assert!(began_at.elapsed() >= 3 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_shows_what_happens() {
    let (budget, terms) = default();
    let under_way = join_all((0..4).map(|_| budget.admit(&LIST_USERS, &terms, PATIENCE))).await;
    let waiting = budget.admit(&LIST_USERS, &terms, PATIENCE);
    let looking = async {
        tokio::task::yield_now().await;
        budget.snapshot()
    };
    let (more, snapshot) =
        tokio::join!(join_all([waiting, budget.admit(&LIST_USERS, &terms, PATIENCE)]), looking);
    let [users] = snapshot.as_slice() else { panic!("{snapshot:?}") };
    assert_eq!(users.endpoint, "scim (reads)");
    assert_eq!((users.published_per_s, users.allowed_per_s), (Some(4.25), Some(4.25)));
    assert_eq!((users.in_flight, users.waiting, users.sent), (5, 1, 5));
    assert_eq!((users.current_per_s, users.throttled, users.backs_off_for_ms), (1.0, 0, None));
    drop((under_way, more));
    sleep(10 * SECOND).await;
    let users = &budget.snapshot()[0];
    assert_eq!((users.in_flight, users.waiting, users.sent, users.current_per_s), (0, 0, 6, 0.0));
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_knows_the_last_minute() {
    let (budget, terms) = default();
    for _ in 0..3 {
        rate_over(&budget, &terms, &CREATE_JOB, 2).await;
        sleep(8 * SECOND).await;
    }
    let shown = &budget.snapshot()[0];
    assert_eq!((shown.published_requests, shown.published_window_ms), (Some(20), Some(1_000)));
    assert_eq!(u64::from(shown.sent_last_minute), shown.sent);
    assert!((19..=20).contains(&shown.most_in_a_second), "{shown:?}");
    assert!(shown.last_sent_ms_ago.is_some_and(|ago| (8_000..8_200).contains(&ago)), "{shown:?}");
    assert_eq!((shown.last_throttled_ms_ago, shown.recovers_in_ms), (None, None));
    sleep(60 * SECOND).await;
    let idle = &budget.snapshot()[0];
    assert_eq!((idle.sent_last_minute, idle.most_in_a_second, idle.sent), (0, 0, shown.sent));
    assert!(idle.last_sent_ms_ago.is_some_and(|ago| ago >= 68_000), "{idle:?}");
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_tells_until_when_less_is_allowed() {
    let (budget, terms) = default();
    let mut refused = budget.admit(&CREATE_JOB, &terms, PATIENCE).await.unwrap();
    refused.throttled(2 * SECOND);
    drop(refused);
    sleep(SECOND).await;
    let lowered = &budget.snapshot()[0];
    assert_eq!((lowered.backs_off_for_ms, lowered.last_throttled_ms_ago), (Some(1_000), Some(1_000)));
    // 14 of 20, and one a second is given back once the pause is over.
    assert_eq!((lowered.allowed_per_s, lowered.recovers_in_ms), (Some(14.0), Some(7_000)));
    sleep(Duration::from_millis(7_001)).await;
    let recovered = &budget.snapshot()[0];
    assert_eq!((recovered.allowed_per_s, recovered.recovers_in_ms), (Some(20.0), None));
}

#[tokio::test(start_paused = true)]
async fn limits_that_nobody_has_used_are_shown_too() {
    let host: Host = "https://idle.example.com".parse().unwrap();
    let unused = crate::budget_snapshot_of(&host);
    assert_eq!(unused.len(), 12);
    assert!(unused.iter().all(|budget| budget.sent == 0 && budget.last_sent_ms_ago.is_none()));
    let budget = RateBudget::of(&host);
    let terms = budget.terms(&ClientOptions::default());
    drop(budget.admit(&CREATE_JOB, &terms, PATIENCE).await.unwrap());
    drop(budget.admit(&LIST_FOLDER, &terms, PATIENCE).await.unwrap());
    let used = crate::budget_snapshot_of(&host);
    assert_eq!(used.len(), 13);
    assert!(used.is_sorted_by_key(|budget| budget.endpoint.clone()));
    let sent = |name: &str| used.iter().find(|budget| budget.endpoint == name).map(|budget| budget.sent);
    assert_eq!((sent("jobs/create"), sent("workspace/list"), sent("dbfs")), (Some(1), Some(1), Some(0)));
}

#[tokio::test(start_paused = true)]
async fn all_clients_of_a_workspace_share_its_budget_while_its_requests_count() {
    let host: Host = "https://shared.example.com".parse().unwrap();
    let first = RateBudget::of(&host);
    let terms = first.terms(&ClientOptions::default());
    assert!(Arc::ptr_eq(&first, &RateBudget::of(&host)));
    drop(first.admit(&CREATE_JOB, &terms, PATIENCE).await.unwrap());
    drop(first);
    let sent = |budget: &RateBudget| budget.snapshot().first().map(|lane| lane.sent);
    assert_eq!(sent(&RateBudget::of(&host)), Some(1), "the request still counts");
    sleep(2 * SECOND).await;
    assert_eq!(sent(&RateBudget::of(&host)), None, "and now it does not");
}
