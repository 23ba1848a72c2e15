// The descriptors come compiled, so that no protoc is needed.
use prost::Message;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let files = prost_types::FileDescriptorSet::decode(std::fs::read("bench.binpb")?.as_slice())?;
    tonic_prost_build::configure().build_client(false).compile_fds(files)?;
    Ok(())
}
