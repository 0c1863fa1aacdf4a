//! Accepts connections and serves them one by one, so that each can be dropped without an answer.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::gate::Gate;

/// Serves until `stops` becomes true; then every connection is closed, hanging calls included.
pub(crate) async fn accept(listener: TcpListener, gate: Arc<Gate>, mut stops: watch::Receiver<bool>) {
    loop {
        let accepted = tokio::select! {
            _ = stops.wait_for(|is_stopping| *is_stopping) => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                tokio::spawn(serve(stream, Arc::clone(&gate), stops.clone()));
            }
            Err(error) => {
                // Out of file handles, mostly: wait for some to be closed.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, gate: Arc<Gate>, mut stops: watch::Receiver<bool>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let gate = Arc::clone(&gate);
        async move { gate.pass(request.map(Body::new)).await }
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        _ = stops.wait_for(|is_stopping| *is_stopping) => {}
        ended = connection => {
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended early");
            }
        }
    }
}
