package main

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"strconv"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// text: "hello", number: 1
var request = []byte("\x00\x00\x00\x00\x09\x0a\x05hello\x10\x01")

type headers struct {
	block   *bytes.Buffer
	encoder *hpack.Encoder
	number  uint64
}

func newHeaders(number uint64) headers {
	block := new(bytes.Buffer)
	return headers{block, hpack.NewEncoder(block), number}
}

// One call, as grpc-go's client writes it: every value enters the dynamic table, also those that never come again.
func (c *connection) send() {
	if !*idle && c.window < len(request) {
		c.waiting++
		return
	}
	c.block.Reset()
	c.write(":method", "POST")
	c.write(":scheme", "http")
	if *idle {
		c.write(":path", "/bench.v1.Bench/Bidi")
	} else {
		c.write(":path", "/bench.v1.Bench/Unary")
	}
	c.write(":authority", *target)
	c.write("content-type", "application/grpc")
	c.write("user-agent", "frames")
	c.write("te", "trailers")
	if *unique {
		c.number++
		var id [24]byte
		binary.BigEndian.PutUint64(id[:], c.number*0x9e3779b97f4a7c15)
		binary.BigEndian.PutUint64(id[8:], c.number*0xbf58476d1ce4e5b9)
		binary.BigEndian.PutUint64(id[16:], c.number*0x94d049bb133111eb)
		trace := hex.EncodeToString(id[:])
		c.write("grpc-timeout", strconv.FormatUint(20_000_000+c.number%9_999_999, 10)+"u")
		c.write("traceparent", "00-"+trace[:32]+"-"+trace[32:]+"-01")
	}
	check(c.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: c.stream, BlockFragment: c.block.Bytes(), EndHeaders: true}))
	if !*idle {
		c.window -= len(request)
		check(c.framer.WriteData(c.stream, true, request))
	}
	c.stream += 2
}

func (h *headers) write(name, value string) {
	h.encoder.WriteField(hpack.HeaderField{Name: name, Value: value})
}
