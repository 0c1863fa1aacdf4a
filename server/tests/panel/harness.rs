//! Starts the panel in its demo mode, on free ports and in a folder of its own, and ends everything it started.

use std::{
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Longer than anything here takes on a busy machine with 2 cores.
const PATIENCE: Duration = Duration::from_secs(90);
const PAUSE: Duration = Duration::from_millis(100);

pub const PRIMARY: &str = "us-east-1";
pub const SECONDARY: &str = "us-west-2";

pub struct Panel {
    folder: TempDir,
    /// `None` for the embedded database, in the folder.
    database_url: Option<String>,
    port: u16,
    simulator_ports: [u16; 2],
    child: Option<Child>,
    http: reqwest::Client,
}

impl Panel {
    /// Over the embedded SQLite.
    pub async fn start() -> Self {
        Self::start_over(None).await
    }

    /// Over a database that exists.
    pub async fn start_on(database_url: &str) -> Self {
        let panel = Self::start_over(Some(database_url.to_owned())).await;
        assert!(panel.database().is_empty(), "the panel keeps nothing beside the database that it was given");
        panel
    }

    async fn start_over(database_url: Option<String>) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let [port, one, two] = free_ports();
        let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut panel = Self { folder, database_url, port, simulator_ports: [one, two], child: None, http };
        panel.restart().await;
        panel
    }

    /// Starts the panel's process; the simulators are started by the first one and outlive it.
    pub async fn restart(&mut self) {
        let [one, two] = self.simulator_ports;
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.path().join("panel.log"))
            .unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_farshore"));
        match &self.database_url {
            Some(url) => command.env("FARSHORE_DATABASE_URL", url),
            None => command.env_remove("FARSHORE_DATABASE_URL"),
        };
        let child = command
            .args(["serve", "--demo", "--listen", &format!("127.0.0.1:{}", self.port)])
            .args(["--demo-ports", &format!("{one},{two}"), "--demo-scheduler-delay-ms", "15000"])
            .arg("--demo-folder")
            .arg(self.folder.path())
            .env_remove("FARSHORE_KEY_FILE")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.child = Some(child);
        let ready = || async {
            self.http.get(self.url("/readyz")).send().await.is_ok_and(|a| a.status().is_success())
        };
        until("the panel is ready", || async { ready().await.then_some(()) }).await;
    }

    /// As the kernel does it when memory runs out: no goodbye.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn simulator_url(&self, region: &str) -> String {
        let port = if region == PRIMARY { self.simulator_ports[0] } else { self.simulator_ports[1] };
        format!("http://127.0.0.1:{port}")
    }

    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("panel.log")).unwrap_or_default()
    }

    /// The bytes of the embedded database; none when there is another.
    pub fn database(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for name in ["farshore.db", "farshore.db-wal"] {
            bytes.extend(std::fs::read(self.folder.path().join(name)).unwrap_or_default());
        }
        bytes
    }

    /// A call of the API on behalf of a persona.
    pub async fn call(&self, persona: &str, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let mut request = self.http.request(method, self.url(&format!("/api/v1{path}")));
        request = request.bearer_auth(format!("demo-{persona}"));
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        (status, answer.json().await.unwrap_or(Value::Null))
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call("viewer", Method::GET, path, Value::Null).await;
        assert_eq!(status, StatusCode::OK, "GET {path}: {body:#}");
        body
    }

    /// A call that has to succeed.
    pub async fn post(&self, persona: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.call(persona, Method::POST, path, body).await;
        assert!(status.is_success(), "POST {path} as {persona}: {status} {answer:#}");
        answer
    }

    pub async fn put(&self, persona: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.call(persona, Method::PUT, path, body).await;
        assert!(status.is_success(), "PUT {path} as {persona}: {status} {answer:#}");
        answer
    }

    /// Tests the connection of one side of a pairing; the token and address of the demo unless given.
    pub async fn test_side(&self, pairing: &str, version: i64, side: &str, region: &str) -> Value {
        let body = json!({
            "version": version, "side": side, "name": format!("Workspace {region}"),
            "host": self.simulator_url(region), "token": format!("dapi-demo-{region}"),
        });
        self.post("admin", &format!("/pairings/{pairing}/test"), body).await
    }

    /// Pairs the demo's workspaces; returns the group's id.
    pub async fn pair(&self) -> String {
        let page = self.post("admin", "/pairings", Value::Null).await;
        let id = page["pairing"]["id"].as_str().unwrap().to_owned();
        let page = self.test_side(&id, 1, "primary", PRIMARY).await;
        let page =
            self.test_side(&id, page["pairing"]["version"].as_i64().unwrap(), "secondary", SECONDARY).await;
        let smoke = page["smoke_candidates"]
            .as_array()
            .unwrap()
            .iter()
            .find(|job| job["name"] == "dr-smoke-test")
            .expect("the demo has a smoke job");
        let settings = json!({
            "version": page["pairing"]["version"], "group_name": "Production", "smoke_job_key": smoke["key"],
        });
        self.put("admin", &format!("/pairings/{id}/settings"), settings).await;
        let paired = self.post("admin", &format!("/pairings/{id}/finish"), Value::Null).await;
        paired["group_id"].as_str().unwrap().to_owned()
    }

    /// Starts a sync; returns its id.
    pub async fn start_sync(&self, group: &str, is_applied_at_once: bool) -> String {
        let body = json!({ "is_applied_at_once": is_applied_at_once });
        let started = self.post("operator", &format!("/groups/{group}/syncs"), body).await;
        started["sync_run_ids"][0].as_str().unwrap().to_owned()
    }

    /// Waits until the sync is in a state that no worker changes any more; returns its page.
    pub async fn wait_for_sync(&self, id: &str) -> Value {
        until("the sync stands still", || async {
            let page = self.get(&format!("/syncs/{id}")).await;
            (!matches!(page["run"]["state"].as_str(), Some("planning" | "applying"))).then_some(page)
        })
        .await
    }

    /// The first copy: planned, then applied as it was planned. Returns its id while it is being applied.
    pub async fn start_first_copy(&self, group: &str) -> String {
        let id = self.start_sync(group, false).await;
        let page = self.wait_for_sync(&id).await;
        assert_eq!(page["run"]["state"], "planned", "{page:#}");
        self.post("operator", &format!("/syncs/{id}/apply"), json!({ "plan_hash": page["plan_hash"] })).await;
        id
    }

    pub async fn first_copy(&self, group: &str) -> Value {
        let id = self.start_first_copy(group).await;
        self.wait_for_sync(&id).await
    }

    /// A sync that nobody looks at first.
    pub async fn sync(&self, group: &str) -> Value {
        let id = self.start_sync(group, true).await;
        self.wait_for_sync(&id).await
    }

    /// Waits until the run is in one of the states; returns its page.
    pub async fn wait_for_run(&self, id: &str, states: &[&str]) -> Value {
        until(&format!("the run is {states:?}"), || async {
            let page = self.get(&format!("/runs/{id}")).await;
            let state = page["run"]["state"].as_str().unwrap_or_default().to_owned();
            assert!(
                state != "paused_by_failed_step" || states.contains(&"paused_by_failed_step"),
                "a step failed: {:#}",
                page["run"]["steps"]
            );
            states.contains(&state.as_str()).then_some(page)
        })
        .await
    }

    /// One call of a simulated workspace's own API.
    pub async fn workspace(&self, region: &str, path: &str) -> Value {
        let answer = self
            .http
            .get(format!("{}{path}", self.simulator_url(region)))
            .bearer_auth(format!("dapi-demo-{region}"))
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "GET {path} in {region}: {}", answer.status());
        answer.json().await.unwrap()
    }

    /// Every job of a workspace.
    pub async fn jobs(&self, region: &str) -> Vec<Value> {
        let mut jobs = Vec::new();
        let mut token = String::new();
        loop {
            let page = self
                .workspace(
                    region,
                    &format!("/api/2.2/jobs/list?limit=100&expand_tasks=true&page_token={token}"),
                )
                .await;
            jobs.extend(page["jobs"].as_array().cloned().unwrap_or_default());
            match page["next_page_token"].as_str().filter(|token| !token.is_empty()) {
                Some(next) => token = next.to_owned(),
                None => return jobs,
            }
        }
    }

    /// Every call of a workspace's own API that has changed something in it so far, in order.
    pub async fn changes(&self, region: &str) -> Vec<String> {
        let log = self.control(region, Method::GET, "changes", Value::Null).await;
        log.as_array()
            .unwrap()
            .iter()
            .filter(|change| change["actor"] == "api")
            .map(|change| format!("{} {}: {}", change["method"], change["path"], change["summary"]))
            .collect()
    }

    /// A call of a simulated workspace's controls, which no real one has.
    pub async fn control(&self, region: &str, verb: Method, path: &str, body: Value) -> Value {
        let url = format!("{}/_simulator/{path}", self.simulator_url(region));
        let mut request = self.http.request(verb, url);
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path} in {region}: {}", answer.status());
        answer.json().await.unwrap_or(Value::Null)
    }
}

impl Drop for Panel {
    fn drop(&mut self) {
        self.kill();
        for region in [PRIMARY, SECONDARY] {
            let pid = std::fs::read_to_string(self.folder.path().join(format!("{region}.pid")));
            if let Ok(pid) = pid {
                let _ = Command::new("kill").arg(pid.trim()).status();
            }
        }
        if std::thread::panicking() {
            let log: PathBuf = std::env::temp_dir().join(format!("farshore-panel-{}.log", self.port));
            let _ = std::fs::write(&log, self.log());
            eprintln!("the panel's log is {}", log.display());
        }
    }
}

/// Asks again and again until there is an answer.
pub async fn until<T, F>(what: &str, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let began = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// Held all at once, so that they differ.
fn free_ports<const N: usize>() -> [u16; N] {
    let listeners: [TcpListener; N] = std::array::from_fn(|_| TcpListener::bind("127.0.0.1:0").unwrap());
    std::array::from_fn(|index| listeners[index].local_addr().unwrap().port())
}
