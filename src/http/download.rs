//! Downloads, streamed by a task of their own. While a client does not read, its connection is not polled and sees no
//! timeout; the task does, and releases its memory.

use std::io;
use std::time::Duration;

use actix_web::body::{BoxBody, SizedStream};
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, Responder};
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::mpsc;
use tracing::Instrument;

use crate::error::Result;
use crate::http::memory_budget::{MemoryBudget, PIECE};
use crate::http::response::disposition;

/// How long a download may take, beside a second for each 64 KiB.
const PATIENCE: Duration = Duration::from_secs(10);

/// A file to be saved.
pub struct Download {
    media_type: &'static str,
    name: String,
    body: BoxBody,
}

impl Download {
    /// Begins to send `size` bytes; `room` is what they take in memory.
    pub fn begin(
        media_type: &'static str,
        name: String,
        size: usize,
        pieces: impl Stream<Item = Result<Bytes>> + Send + 'static,
        room: MemoryBudget,
    ) -> Self {
        Self { media_type, name, body: body(size, pieces, Some(room)) }
    }
}

impl Download {
    /// A file whose body is there already.
    pub fn whole(media_type: &'static str, name: String, body: BoxBody) -> Self {
        Self { media_type, name, body }
    }
}

impl Responder for Download {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, self.media_type))
            .insert_header((header::CONTENT_DISPOSITION, disposition(&self.name)))
            .body(self.body)
    }
}

/// A body of `size` bytes; `room` is what they take in memory.
pub fn body(
    size: usize,
    pieces: impl Stream<Item = Result<Bytes>> + Send + 'static,
    room: Option<MemoryBudget>,
) -> BoxBody {
    let patience = PATIENCE + Duration::from_secs((size / PIECE) as u64);
    BoxBody::new(SizedStream::new(size as u64, whole(size, send(size, pieces, room, patience))))
}

/// Hands over one piece after the other, until all are taken, nobody wants them any more, or the time is up.
fn send(
    size: usize,
    pieces: impl Stream<Item = Result<Bytes>> + Send + 'static,
    mut room: Option<MemoryBudget>,
    patience: Duration,
) -> mpsc::Receiver<Bytes> {
    let (sender, receiver) = mpsc::channel(1);
    let sending = async move {
        let (mut pieces, mut left) = (std::pin::pin!(pieces), size);
        // What is wrong with a piece is in the log already.
        while let Some(Ok(piece)) = pieces.next().await {
            left = left.saturating_sub(piece.len());
            if sender.send(piece).await.is_err() {
                return;
            }
            if let Some(room) = &mut room {
                room.keep(left);
            }
        }
    };
    tokio::spawn(tokio::time::timeout(patience, sending).in_current_span());
    receiver
}

/// The body of an answer. Where pieces are missing at the end it is an error: the connection is closed, and the client sees
/// that it has not got everything.
fn whole(size: usize, pieces: mpsc::Receiver<Bytes>) -> impl Stream<Item = io::Result<Bytes>> {
    stream::unfold((size, pieces), |(left, mut pieces)| async move {
        match pieces.recv().await {
            Some(piece) => {
                let left = left.saturating_sub(piece.len());
                Some((Ok(piece), (left, pieces)))
            }
            None if left == 0 => None,
            None => Some((Err(io::ErrorKind::TimedOut.into()), (0, pieces))),
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::Semaphore;

    use super::*;
    use crate::error::Code;

    fn four_pieces() -> impl Stream<Item = Result<Bytes>> + Send {
        stream::iter((0..4).map(|number| Ok(Bytes::from(vec![number; PIECE]))))
    }

    fn full(memory: &Arc<Semaphore>) -> Option<MemoryBudget> {
        let mut room = MemoryBudget::new(memory);
        room.take(4 * PIECE).unwrap();
        Some(room)
    }

    #[tokio::test]
    async fn room_is_given_back_as_pieces_are_taken() {
        let memory = Arc::new(Semaphore::new(4));
        let mut pieces = send(4 * PIECE, four_pieces(), full(&memory), Duration::from_secs(60));
        assert_eq!(pieces.recv().await.unwrap(), vec![0; PIECE]);
        assert_eq!(pieces.recv().await.unwrap(), vec![1; PIECE]);
        assert!(memory.available_permits() >= 2, "{}", memory.available_permits());
        assert!(MemoryBudget::new(&memory).take(4 * PIECE).is_err());
    }

    #[tokio::test]
    async fn an_unread_file_gives_its_room_back_at_the_deadline_and_ends_with_an_error() {
        let memory = Arc::new(Semaphore::new(4));
        let pieces = send(4 * PIECE, four_pieces(), full(&memory), Duration::from_millis(100));
        let began = std::time::Instant::now();
        while memory.available_permits() < 4 {
            assert!(began.elapsed() < Duration::from_secs(10), "the room is not given back");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(began.elapsed() >= Duration::from_millis(90));
        let read: Vec<_> = whole(4 * PIECE, pieces).collect().await;
        assert!(read.len() == 2 && read[0].is_ok() && read[1].is_err(), "{read:?}");
    }

    #[tokio::test]
    async fn a_file_whose_reader_has_gone_or_that_cannot_be_read_gives_its_room_back() {
        let memory = Arc::new(Semaphore::new(4));
        drop(send(4 * PIECE, four_pieces(), full(&memory), Duration::from_secs(60)));
        drop(tokio::time::timeout(Duration::from_secs(10), memory.acquire_many(4)).await.unwrap());
        let damaged = four_pieces().take(1).chain(stream::iter([Err(Code::Damaged.into())]));
        let read = whole(4 * PIECE, send(4 * PIECE, damaged, full(&memory), Duration::from_secs(60)));
        let read: Vec<_> = read.collect().await;
        assert!(read.len() == 2 && read[1].is_err(), "{read:?}");
        assert_eq!(memory.available_permits(), 4);
    }

    #[tokio::test]
    async fn what_is_read_is_what_was_sent_and_ends_without_an_error() {
        let memory = Arc::new(Semaphore::new(4));
        let pieces = send(4 * PIECE, four_pieces(), full(&memory), Duration::from_secs(60));
        let read: Vec<_> = whole(4 * PIECE, pieces).map(|piece| piece.unwrap()[0]).collect().await;
        assert_eq!(read, [0, 1, 2, 3]);
    }
}
