// A generator on the framer and HPACK encoder of golang.org/x/net, for what h2load cannot send: a grpc-timeout and a
// traceparent of each call's own, and connections or streams that stay open and idle. It encodes headers as grpc-go does
// (new values enter the dynamic table), and reads answers as frames only. Prints one line of JSON.
package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

var target = flag.String("target", "", "host:port")
var connections = flag.Int("connections", 1, "")
var inFlight = flag.Int("in-flight", 100, "calls a connection")
var seconds = flag.Float64("seconds", 1, "measured, after a second of warm-up")
var unique = flag.Bool("unique", false, "headers of each call's own")
var idle = flag.Bool("idle", false, "open streams, tell, and wait for the end of the input")

var request = []byte("\x00\x00\x00\x00\x09\x0a\x05hello\x10\x01")

type connection struct {
	framer                         *http2.Framer
	in                             *bufio.Reader
	out                            *bufio.Writer
	encoder                        *hpack.Encoder
	block                          bytes.Buffer
	stream                         uint32
	number                         uint64
	window, waiting, got           int
	calls, answers, callsAtWarm    int
}

func main() {
	flag.Parse()
	var all sync.WaitGroup
	began := time.Now()
	var before float64
	end := began.Add(time.Second + time.Duration(*seconds*float64(time.Second)))
	made := make([]*connection, *connections)
	for i := range made {
		made[i] = open(uint64(i) << 40)
		all.Go(func() { made[i].run(began.Add(time.Second), end) })
	}
	if *idle {
		time.Sleep(2 * time.Second)
		fmt.Println("{}")
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}
	time.Sleep(time.Until(began.Add(time.Second)))
	before = cpu()
	all.Wait()
	calls := 0
	for _, c := range made {
		if c.answers < c.calls {
			log.Fatal("calls were answered without a message")
		}
		calls += c.calls - c.callsAtWarm
	}
	fmt.Printf("{\"calls\": %d, \"seconds\": %f, \"cpuSeconds\": %f}\n", calls, *seconds, cpu()-before)
}

func open(number uint64) *connection {
	socket, err := net.Dial("tcp", *target)
	check(err)
	c := &connection{in: bufio.NewReaderSize(socket, 1<<16), out: bufio.NewWriterSize(socket, 1<<16)}
	c.framer, c.stream, c.window, c.number = http2.NewFramer(c.out, c.in), 1, 65535, number
	c.framer.SetReuseFrames()
	c.encoder = hpack.NewEncoder(&c.block)
	c.out.WriteString(http2.ClientPreface)
	check(c.framer.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 20}))
	check(c.framer.WriteWindowUpdate(0, 1<<30))
	for range *inFlight {
		c.send()
	}
	check(c.out.Flush())
	return c
}

// Reads frames until all is answered; writes whenever nothing more is there to read.
func (c *connection) run(warm, end time.Time) {
	open, now := *inFlight-c.waiting, time.Now()
	for open > 0 || *idle {
		if c.in.Buffered() == 0 {
			check(c.out.Flush())
			if now = time.Now(); now.Before(warm) {
				c.callsAtWarm = c.calls
			}
		}
		frame, err := c.framer.ReadFrame()
		check(err)
		ended := false
		switch f := frame.(type) {
		case *http2.SettingsFrame:
			if !f.IsAck() {
				check(c.framer.WriteSettingsAck())
			}
		case *http2.PingFrame:
			if !f.IsAck() {
				check(c.framer.WritePing(true, f.Data))
			}
		case *http2.WindowUpdateFrame:
			if f.StreamID == 0 {
				c.window += int(f.Increment)
			}
			for ; c.waiting > 0 && c.window >= len(request) && now.Before(end); open++ {
				c.waiting--
				c.send()
			}
		case *http2.DataFrame:
			c.answers++
			if c.got += len(f.Data()); c.got > 1<<20 {
				check(c.framer.WriteWindowUpdate(0, uint32(c.got)))
				c.got = 0
			}
		case *http2.HeadersFrame:
			ended = f.StreamEnded()
		case *http2.RSTStreamFrame:
			if f.ErrCode != http2.ErrCodeNo {
				log.Fatal("a call was reset: ", f.ErrCode)
			}
		case *http2.GoAwayFrame:
			log.Fatal("the server goes away: ", f.ErrCode)
		}
		if !ended {
			continue
		}
		c.calls++
		open--
		if now.Before(end) {
			if c.window < len(request) {
				c.waiting++
				continue
			}
			open++
			c.send()
		}
	}
}

func (c *connection) send() {
	path := "/bench.v1.Bench/Unary"
	if *idle {
		path = "/bench.v1.Bench/Bidi"
	}
	c.block.Reset()
	for _, field := range [][2]string{{":method", "POST"}, {":scheme", "http"}, {":path", path}, {":authority", *target},
		{"content-type", "application/grpc"}, {"user-agent", "frames"}, {"te", "trailers"}} {
		c.encoder.WriteField(hpack.HeaderField{Name: field[0], Value: field[1]})
	}
	if *unique {
		c.number++
		c.encoder.WriteField(hpack.HeaderField{Name: "grpc-timeout", Value: strconv.FormatUint(20000000+c.number%9999999, 10) + "u"})
		c.encoder.WriteField(hpack.HeaderField{Name: "traceparent",
			Value: "00-" + hex32(c.number*0x9e3779b97f4a7c15) + hex32(c.number)[16:]})
	}
}
