package main

import (
	"bufio"
	"log"
	"net"
	"time"

	"golang.org/x/net/http2"
)

// One goroutine reads and writes: a thread more would cost the generator more than it brings on one core.
type connection struct {
	framer *http2.Framer
	in     *bufio.Reader
	out    *bufio.Writer
	headers
	stream                      uint32
	window, waiting, unread     int
	calls, answers, callsAtWarm int
}

func open(number uint64) *connection {
	socket, err := net.Dial("tcp", *target)
	check(err)
	c := &connection{in: bufio.NewReaderSize(socket, 1<<14), out: bufio.NewWriterSize(socket, 1<<14)}
	c.framer, c.stream, c.window, c.headers = http2.NewFramer(c.out, c.in), 1, 65535, newHeaders(number)
	c.framer.SetReuseFrames()
	c.out.WriteString(http2.ClientPreface)
	check(c.framer.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 20}))
	check(c.framer.WriteWindowUpdate(0, 1<<30))
	for range *inFlight {
		c.send()
	}
	return c
}

// Reads until all is answered, and writes whenever nothing more is there to read.
func (c *connection) run(warm, end time.Time) {
	now := time.Now()
	for pending := *inFlight; pending > 0 || *idle; {
		if c.in.Buffered() == 0 {
			check(c.out.Flush())
			if now = time.Now(); now.Before(warm) {
				c.callsAtWarm = c.calls
			}
		}
		frame, err := c.framer.ReadFrame()
		check(err)
		if !c.take(frame) {
			continue
		}
		c.calls++
		if now.After(end) {
			pending--
		} else {
			c.send()
		}
	}
}

// Whether the frame ends a call.
func (c *connection) take(frame http2.Frame) bool {
	switch f := frame.(type) {
	case *http2.SettingsFrame:
		if size, given := f.Value(http2.SettingHeaderTableSize); given {
			c.encoder.SetMaxDynamicTableSizeLimit(size)
		}
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
		for ; c.waiting > 0 && c.window >= len(request); c.waiting-- {
			c.send()
		}
	case *http2.DataFrame:
		c.answers++
		if c.unread += len(f.Data()); c.unread > 1<<20 {
			check(c.framer.WriteWindowUpdate(0, uint32(c.unread)))
			c.unread = 0
		}
	case *http2.HeadersFrame:
		return f.StreamEnded()
	case *http2.RSTStreamFrame:
		log.Fatal("a call was reset: ", f.ErrCode)
	case *http2.GoAwayFrame:
		log.Fatal("the server goes away: ", f.ErrCode)
	}
	return false
}
