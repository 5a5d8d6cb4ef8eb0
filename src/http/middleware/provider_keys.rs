//! A new key of the identity provider is read before the first token that names it is judged.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;

use crate::auth::{Auth, bearer};
use crate::http::context::part;

pub async fn learn(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let auth = part::<Auth>(request.request())?.clone();
    if let (Some(provider), Some(value)) = (&auth.provider, request.headers().get(header::AUTHORIZATION))
        && let Some(token) = bearer(value)
    {
        provider.keys.learn(token).await;
    }
    next.call(request).await
}
