// grpc-go's client: unary calls or bidi ping-pongs in flight without pause. Prints one line of JSON.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"bench/pb"
)

var target = flag.String("target", "", "host:port")
var connections = flag.Int("connections", 1, "")
var inFlight = flag.Int("in-flight", 100, "calls or streams a connection")
var seconds = flag.Float64("seconds", 1, "measured, after a second of warm-up")
var bidi = flag.Int("bidi", 0, "ping-pong messages with so many octets")

func main() {
	flag.Parse()
	clients := make([]pb.BenchClient, *connections)
	for i := range clients {
		connection, err := grpc.NewClient(*target, grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(1<<26)))
		if err != nil {
			log.Fatal(err)
		}
		clients[i] = pb.NewBenchClient(connection)
	}
	run(clients, time.Second)
	before, began := cpu(), time.Now()
	calls := run(clients, time.Duration(*seconds*float64(time.Second)))
	elapsed := time.Since(began).Seconds()
	fmt.Printf("{\"calls\": %d, \"seconds\": %f, \"cpuSeconds\": %f}\n", calls, elapsed, cpu()-before)
}

func run(clients []pb.BenchClient, d time.Duration) int64 {
	var all sync.WaitGroup
	var calls atomic.Int64
	end := time.Now().Add(d)
	for i := range *connections * *inFlight {
		all.Go(func() {
			one := func() { unary(clients[i%len(clients)]) }
			if *bidi > 0 {
				one = pingPong(clients[i%len(clients)])
			}
			mine := int64(0)
			for ; time.Now().Before(end); mine++ {
				one()
			}
			calls.Add(mine)
		})
	}
	all.Wait()
	return calls.Load()
}

func unary(client pb.BenchClient) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	answer, err := client.Unary(ctx, &pb.Message{Text: "hello", Number: 1})
	if err != nil || answer.Text != "hello" || answer.Number != 2 {
		log.Fatal("a wrong answer: ", answer, err)
	}
}

func pingPong(client pb.BenchClient) func() {
	stream, err := client.Bidi(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	ping := &pb.Message{Body: make([]byte, *bidi)}
	return func() {
		if err := stream.Send(ping); err != nil {
			log.Fatal(err)
		}
		if pong, err := stream.Recv(); err != nil || len(pong.Body) != *bidi {
			log.Fatal("a wrong answer: ", err)
		}
	}
}

func cpu() float64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}
