use super::*;

const CREATE_JOB: Endpoint = Endpoint::once("/api/2.2/jobs/create");
const LIST_FOLDER: Endpoint = Endpoint::read("/api/2.0/workspace/list");
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn a_published_limit_is_never_exceeded() {
    let budget = RateBudget::new(&ClientOptions::default());
    let began_at = Instant::now();
    let mut entered_at = Vec::new();
    for _ in 0..101 {
        drop(budget.admit(&CREATE_JOB, PATIENCE).await.unwrap());
        entered_at.push(began_at.elapsed());
    }
    for (first, twenty_first) in entered_at.iter().zip(&entered_at[20..]) {
        assert!(*twenty_first - *first >= Duration::from_millis(995), "{first:?} {twenty_first:?}");
    }
    assert!(began_at.elapsed() < Duration::from_secs(6), "and it is used up: {:?}", began_at.elapsed());
}

#[tokio::test(start_paused = true)]
async fn without_a_published_limit_there_is_no_wait() {
    let careless = ClientOptions { honours_published_limits: false, ..ClientOptions::default() };
    for (options, endpoint) in [(ClientOptions::default(), LIST_FOLDER), (careless, CREATE_JOB)] {
        let budget = RateBudget::new(&options);
        let began_at = Instant::now();
        for _ in 0..1_000 {
            drop(budget.admit(&endpoint, PATIENCE).await.unwrap());
        }
        assert_eq!(began_at.elapsed(), Duration::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_holds_for_everybody_at_that_endpoint_only() {
    let budget = RateBudget::new(&ClientOptions::default());
    budget.pause(&LIST_FOLDER, Duration::from_secs(5));
    // A shorter one does not lift it.
    budget.pause(&LIST_FOLDER, Duration::from_secs(1));
    let began_at = Instant::now();
    drop(budget.admit(&CREATE_JOB, PATIENCE).await.unwrap());
    assert_eq!(began_at.elapsed(), Duration::ZERO);
    drop(budget.admit(&LIST_FOLDER, PATIENCE).await.unwrap());
    assert!(began_at.elapsed() >= Duration::from_secs(5));
    assert!(began_at.elapsed() < Duration::from_secs(6));
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_is_too_long_is_not_waited_for() {
    let budget = RateBudget::new(&ClientOptions::default());
    budget.pause(&LIST_FOLDER, Duration::from_secs(90));
    let paused = budget.admit(&LIST_FOLDER, PATIENCE).await.unwrap_err();
    assert_eq!(paused, Paused { remaining: Duration::from_secs(90) });
}

#[tokio::test(start_paused = true)]
async fn only_so_many_are_under_way_at_once() {
    let budget = RateBudget::new(&ClientOptions { max_concurrent_requests: 2, ..ClientOptions::default() });
    let first = budget.admit(&LIST_FOLDER, PATIENCE).await.unwrap();
    let _second = budget.admit(&LIST_FOLDER, PATIENCE).await.unwrap();
    let third = tokio::time::timeout(Duration::from_secs(1), budget.admit(&LIST_FOLDER, PATIENCE)).await;
    assert!(third.is_err(), "there was no place");
    drop(first);
    drop(budget.admit(&LIST_FOLDER, PATIENCE).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn who_queued_before_the_pause_waits_it_out_too() {
    let budget = RateBudget::new(&ClientOptions { max_concurrent_requests: 1, ..ClientOptions::default() });
    let began_at = Instant::now();
    let under_way = budget.admit(&LIST_FOLDER, PATIENCE).await.unwrap();
    let (queued, ()) = tokio::join!(budget.admit(&LIST_FOLDER, PATIENCE), async {
        sleep(Duration::from_millis(10)).await;
        budget.pause(&LIST_FOLDER, Duration::from_secs(3));
        drop(under_way);
    });
    drop(queued.unwrap());
    assert!(began_at.elapsed() >= Duration::from_secs(3));
}
