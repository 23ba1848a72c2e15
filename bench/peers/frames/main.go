// A generator on the framer and the HPACK encoder of golang.org/x/net, for what h2load cannot send: a grpc-timeout and a
// traceparent of each call's own, and connections and streams that stay open and idle. Prints one line of JSON.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"sync"
	"syscall"
	"time"
)

var target = flag.String("target", "", "host:port")
var connections = flag.Int("connections", 1, "")
var inFlight = flag.Int("in-flight", 100, "calls, or idle streams, a connection")
var seconds = flag.Float64("seconds", 1, "measured, after a second of warm-up")
var unique = flag.Bool("unique", false, "headers of each call's own")
var idle = flag.Bool("idle", false, "open streams that send nothing, tell, and wait for the end of the input")

func main() {
	flag.Parse()
	warm := time.Now().Add(time.Second)
	end := warm.Add(time.Duration(*seconds * float64(time.Second)))
	var all sync.WaitGroup
	made := make([]*connection, *connections)
	for i := range made {
		made[i] = open(uint64(i) << 40)
		all.Go(func() { made[i].run(warm, end) })
	}
	if *idle {
		time.Sleep(2 * time.Second)
		fmt.Println("{}")
		io.Copy(io.Discard, os.Stdin)
		return
	}
	time.Sleep(time.Until(warm))
	before := cpu()
	all.Wait()
	calls := 0
	for _, c := range made {
		if c.answers < c.calls {
			log.Fatalf("%d calls of %d were answered without a message", c.calls-c.answers, c.calls)
		}
		calls += c.calls - c.callsAtWarm
	}
	fmt.Printf("{\"calls\": %d, \"seconds\": %f, \"cpuSeconds\": %f}\n", calls, *seconds, cpu()-before)
}

func cpu() float64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
