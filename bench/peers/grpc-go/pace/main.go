// grpc-go's client at a rate, whatever the answers take (open loop, Poisson). A latency counts from when its call was due,
// so a generator that is late shows and hides nothing. Prints one line of JSON.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"math/rand"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"bench/pb"
)

var target = flag.String("target", "", "host:port")
var connections = flag.Int("connections", 10, "")
var rate = flag.Float64("rate", 1000, "calls a second")
var seconds = flag.Float64("seconds", 1, "measured, after a second of warm-up")

func main() {
	flag.Parse()
	clients := make([]pb.BenchClient, *connections)
	for i := range clients {
		connection, err := grpc.NewClient(*target, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			log.Fatal(err)
		}
		clients[i] = pb.NewBenchClient(connection)
	}
	run(clients, 1)
	began := time.Now()
	took := run(clients, *seconds)
	elapsed := time.Since(began).Seconds()
	slices.Sort(took)
	at := func(share float64) float64 { return took[int(float64(len(took)-1)*share)].Seconds() * 1000 }
	fmt.Printf("{\"calls\": %d, \"seconds\": %f, \"p50\": %f, \"p99\": %f}\n", len(took), elapsed, at(0.5), at(0.99))
}

func run(clients []pb.BenchClient, seconds float64) (took []time.Duration) {
	var all sync.WaitGroup
	var lock sync.Mutex
	next, step := time.Now(), float64(time.Second) / *rate
	for i := range int(*rate * seconds) {
		next = next.Add(time.Duration(rand.ExpFloat64() * step))
		due := next
		time.Sleep(time.Until(due))
		all.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			defer cancel()
			answer, err := clients[i%len(clients)].Unary(ctx, &pb.Message{Text: "hello", Number: 1})
			if err != nil || answer.Number != 2 {
				log.Fatal("a wrong answer: ", answer, err)
			}
			lock.Lock()
			took = append(took, time.Since(due))
			lock.Unlock()
		})
	}
	all.Wait()
	return took
}
