//! What somebody who watches the line, or asks with many receipts, can tell from lookups.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use crate::complaints::open;
use crate::support::Service;
use crate::support::samples::complaint;

const TRIES: usize = 2000;

/// Sides of the test: one of receipts that are known, one of others.
type Times = [Vec<Duration>; 2];

/// How likely two sets of times differ as much by chance, or more (Mann-Whitney's U, by the normal distribution).
fn chance(times: &Times) -> f64 {
    let mut all: Vec<(Duration, usize)> =
        times.iter().enumerate().flat_map(|(side, times)| times.iter().map(move |time| (*time, side))).collect();
    all.sort_unstable();
    let ranks: f64 =
        all.iter().enumerate().filter(|(_, (_, side))| *side == 0).map(|(rank, _)| rank as f64 + 1.0).sum();
    let (n, m) = (times[0].len() as f64, times[1].len() as f64);
    let u = ranks - n * (n + 1.0) / 2.0;
    let z = (u - n * m / 2.0).abs() / (n * m * (n + m + 1.0) / 12.0).sqrt();
    // Two-sided, by the rational approximation 26.2.17 of Abramowitz and Stegun.
    let t = 1.0 / (1.0 + 0.231_641_9 * z);
    let tail =
        t * (0.319_381_53 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    2.0 * tail * (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// Bytes on the line, but for what every answer has.
fn length(status: u16, headers: &HeaderMap, body: &[u8]) -> usize {
    let lines = headers.iter().filter(|(name, _)| *name != "content-length");
    let reason = if status == 200 { "OK" } else { "Not Found" };
    lines.map(|(name, value)| name.as_str().len() + value.len() + 4).sum::<usize>() + reason.len() + body.len()
}

/// Without what the tests' own client does with an answer.
async fn measure(service: &Service, known: &[Value]) -> Times {
    let client = reqwest::Client::new();
    let address = format!("{}/v1/complaints/lookup", service.address);
    // In no order that either side could gain by.
    let mut sides: Vec<usize> = (0..2 * TRIES).map(|index| index % 2).collect();
    for last in (1..sides.len()).rev() {
        sides.swap(last, rand(last as u64 + 1));
    }
    let ask = async |(index, side): (usize, usize)| {
        let unknown = json!("5Z1H-60C7-28T5-R0HP-1R14-50H1-M6S");
        let receipt = if side == 0 { &known[index % known.len()] } else { &unknown };
        let request = client.post(&address).json(&json!({ "receipt": receipt }));
        let begun = Instant::now();
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.bytes().await.unwrap();
        let time = begun.elapsed();
        assert_eq!(status, [200, 404][side]);
        (side, time, length(status, &headers, &body))
    };
    let mut asked = stream::iter(sides.into_iter().enumerate()).map(ask).buffer_unordered(16);
    let (mut times, mut lengths) = (Times::default(), Vec::new());
    while let Some((side, time, length)) = asked.next().await {
        lengths.push(length);
        times[side].push(time);
    }
    assert_eq!(lengths.iter().min(), lengths.iter().max());
    times
}

fn rand(end: u64) -> usize {
    let bits = u64::from_be_bytes(prongsai::crypto::aead::random().unwrap());
    (bits % end) as usize
}

#[tokio::test]
async fn neither_time_nor_size_tells_which_receipts_there_are() {
    let service = open().await;
    let mut known = Vec::new();
    for _ in 0..5 {
        known.push(service.report(&complaint()).await["receipt"].clone());
    }
    let times = measure(&service, &known).await;
    // The test finds a difference of a millisecond where there is one.
    let [first, second] = &times;
    let slower = [first.iter().map(|time| *time + Duration::from_millis(1)).collect(), second.clone()];
    assert!(chance(&slower) < 0.01, "the test finds nothing");
    // Chance alone fails one test in a hundred; twice, one in ten thousand.
    if chance(&times) <= 0.01 {
        let again = measure(&service, &known).await;
        assert!(chance(&again) > 0.01, "p = {} and then {}", chance(&times), chance(&again));
    }
}
