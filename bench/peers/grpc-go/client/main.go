// grpc-go's client: unary calls or bidi ping-pongs in flight without pause, or unary calls at a rate (open loop, Poisson;
// latencies from when a call was due, so a late generator shows and hides nothing). Prints one line of JSON.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"math/rand"
	"slices"
	"sync"
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
var rate = flag.Float64("rate", 0, "calls a second, open loop")

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
	took := run(clients, time.Duration(*seconds*float64(time.Second)))
	elapsed := time.Since(began).Seconds()
	slices.Sort(took)
	at := func(share float64) float64 { return took[int(float64(len(took)-1)*share)].Seconds() * 1000 }
	fmt.Printf("{\"calls\": %d, \"seconds\": %f, \"cpuSeconds\": %f, \"p50\": %f, \"p99\": %f}\n",
		len(took), elapsed, cpu()-before, at(0.5), at(0.99))
}

func run(clients []pb.BenchClient, d time.Duration) (took []time.Duration) {
	var all sync.WaitGroup
	var lock sync.Mutex
	end := time.Now().Add(d)
	if *rate > 0 {
		for i, due := 0, time.Now(); due.Before(end); i, due = i+1, due.Add(time.Duration(rand.ExpFloat64()/(*rate)*1e9)) {
			time.Sleep(time.Until(due))
			all.Go(func() {
				unary(clients[i%len(clients)])
				lock.Lock()
				took = append(took, time.Since(due))
				lock.Unlock()
			})
		}
	} else {
		for i := range *connections * *inFlight {
			all.Go(func() {
				mine := loop(clients[i%len(clients)], end)
				lock.Lock()
				took = append(took, mine...)
				lock.Unlock()
			})
		}
	}
	all.Wait()
	return took
}

func loop(client pb.BenchClient, end time.Time) (took []time.Duration) {
	one := func() { unary(client) }
	if *bidi > 0 {
		one = pingPong(client)
	}
	for time.Now().Before(end) {
		began := time.Now()
		one()
		took = append(took, time.Since(began))
	}
	return took
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
