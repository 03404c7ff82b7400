// SPDX-License-Identifier: Apache-2.0
// For tests of connections: a controller.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "openflow/connmgr.h"
#include "openflow/fake_switch.h"

namespace weft::openflow {

/// The other end of a connection.
class Peer {
  public:
    Peer(Connmgr& mgr, Switch& sw, Version v, Connection::Options options = {}, Time now = {})
        : c(std::make_unique<Connection>(std::move(options), mgr, sw, now)), dialect{.version = v} {
        say(Hello{VersionSet{v}}, now);
        serve(now);
        answers();
    }
    void say(Body body, Time now = {}) {
        const Bytes b = encode({.xid = ++xid, .body = std::move(body)}, dialect);
        c->receive(b, now);
    }
    void serve(Time now = {}) {
        while (c->run(now, 0)) {
        }
    }
    std::vector<Message> answers() {
        const Bytes b = c->take_output();
        stream.insert(stream.end(), b.begin(), b.end());
        std::vector<Message> out;
        size_t at = 0;
        while (stream.size() - at >= header_size) {
            const ByteSpan rest = ByteSpan(stream).subspan(at);
            const size_t n = read_header(rest).length;
            if (rest.size() < n) break;
            const auto m = decode(rest.first(n), dialect);
            EXPECT_TRUE(m) << (m ? "" : error_name(m.error()));
            if (m) out.push_back(*m);
            at += n;
        }
        stream.erase(stream.begin(), stream.begin() + static_cast<ptrdiff_t>(at));
        return out;
    }
    /// Says it, and what comes back.
    std::vector<Message> ask(Body body, Time now = {}) {
        say(std::move(body), now);
        serve(now);
        return answers();
    }
    template <class T>
    T ask_for(Body body) {
        const auto all = ask(std::move(body));
        if (all.size() != 1 || !std::holds_alternative<T>(all[0].body)) {
            ADD_FAILURE() << all.size() << " answers";
            return {};
        }
        return std::get<T>(all[0].body);
    }
    OfError error_of(Body body) {
        return ask_for<ErrorReport>(std::move(body)).error.value_or(OfError::count);
    }

    std::unique_ptr<Connection> c;
    Dialect dialect;
    uint32_t xid = 0;
    Bytes stream;
};

}  // namespace weft::openflow
