// Package server is what stands between the network and the handlers of every
// service: the middleware chain, the API's frame with its problem documents
// for addresses that nobody serves, health, metrics and a graceful end.
//
// A request passes, in this order: request id, recover, metrics and log,
// security headers, CORS, cross-origin protection, body limit, time limit,
// admission, authentication, rate limit, compression, the mux. The chain is one handler
// with a recycled response writer, because a cached read costs less than a
// stack of closures would.
package server
