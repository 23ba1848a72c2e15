// tonic's server on one tokio thread. Prints {"port"} when it listens.
use std::pin::Pin;
use tokio_stream::{wrappers::ReceiverStream, Stream, StreamExt};
use tonic::transport::{server::TcpIncoming, Identity, Server, ServerTlsConfig};
use tonic::{Request, Response, Status, Streaming};

pub mod pb {
    tonic::include_proto!("bench.v1");
}
use pb::{bench_server, Message, StreamRequest};

type Messages = Pin<Box<dyn Stream<Item = Result<Message, Status>> + Send>>;
struct Bench;

#[tonic::async_trait]
impl bench_server::Bench for Bench {
    type ServerStreamStream = Messages;
    type BidiStream = Messages;

    async fn unary(&self, request: Request<Message>) -> Result<Response<Message>, Status> {
        let Message { text, number, .. } = request.into_inner();
        Ok(Response::new(Message { text, number: number + 1, body: Vec::new() }))
    }

    async fn server_stream(&self, request: Request<StreamRequest>) -> Result<Response<Messages>, Status> {
        let StreamRequest { size, count } = request.into_inner();
        let body = vec![120u8; size as usize];
        let messages =
            (0..count).map(move |number| Ok(Message { number, body: body.clone(), text: String::new() }));
        Ok(Response::new(Box::pin(tokio_stream::iter(messages))))
    }

    async fn bidi(&self, request: Request<Streaming<Message>>) -> Result<Response<Messages>, Status> {
        let mut requests = request.into_inner();
        let (send, receive) = tokio::sync::mpsc::channel(1);
        tokio::spawn(async move {
            while let Some(Ok(message)) = requests.next().await {
                if send.send(Ok(message)).await.is_err() {
                    return;
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receive))))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let incoming = TcpIncoming::bind("127.0.0.1:0".parse()?)?.with_nodelay(Some(true));
    println!("{{\"port\": {}}}", incoming.local_addr()?.port());
    let mut server = Server::builder();
    if let (Ok(cert), Ok(key)) = (std::env::var("BENCH_CERT"), std::env::var("BENCH_KEY")) {
        let identity = Identity::from_pem(std::fs::read(cert)?, std::fs::read(key)?);
        server = server.tls_config(ServerTlsConfig::new().identity(identity))?;
    }
    let service = bench_server::BenchServer::new(Bench).max_decoding_message_size(1 << 26);
    server.add_service(service).serve_with_incoming(incoming).await?;
    Ok(())
}
