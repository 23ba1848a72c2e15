// grpc-go's server. Prints {"port"} when it listens. Run it with GOMAXPROCS=1.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"bench/pb"
)

type bench struct{ pb.UnimplementedBenchServer }

func (bench) Unary(_ context.Context, m *pb.Message) (*pb.Message, error) {
	return &pb.Message{Text: m.Text, Number: m.Number + 1}, nil
}

func (bench) ServerStream(r *pb.StreamRequest, out grpc.ServerStreamingServer[pb.Message]) error {
	body := bytes.Repeat([]byte{120}, int(r.Size))
	for i := uint32(0); i < r.Count; i++ {
		if err := out.Send(&pb.Message{Number: i, Body: body}); err != nil {
			return err
		}
	}
	return nil
}

func (bench) Bidi(stream grpc.BidiStreamingServer[pb.Message, pb.Message]) error {
	for {
		m, err := stream.Recv()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := stream.Send(&pb.Message{Text: m.Text, Number: m.Number, Body: m.Body}); err != nil {
			return err
		}
	}
}

func main() {
	options := []grpc.ServerOption{grpc.MaxRecvMsgSize(1 << 26)}
	if cert := os.Getenv("BENCH_CERT"); cert != "" {
		tls, err := credentials.NewServerTLSFromFile(cert, os.Getenv("BENCH_KEY"))
		if err != nil {
			log.Fatal(err)
		}
		options = append(options, grpc.Creds(tls))
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("{\"port\": %d}\n", listener.Addr().(*net.TCPAddr).Port)
	server := grpc.NewServer(options...)
	pb.RegisterBenchServer(server, bench{})
	log.Fatal(server.Serve(listener))
}
