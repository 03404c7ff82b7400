// SPDX-License-Identifier: Apache-2.0
// openflow_load SOCKET COUNT HOW: adds COUNT flows that were encoded beforehand and prints JSON: flow_mods
// per second. HOW: single (OpenFlow 1.0, each with a barrier to wait for), stream (one after another, a
// barrier at the end), bundle (OpenFlow 1.4, all in one bundle), or dump (no flows are added: those that are
// there are read). Tables so small that adding the flows takes a moment are filled again and again; emptying
// them is not timed.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "client.h"

namespace {

using weft::ByteWriter;

constexpr uint8_t hello = 0, error = 1, echo_request = 2, echo_reply = 3, flow_mod = 14,
                  stats_request_10 = 16, stats_reply_10 = 17, bundle_control = 33, bundle_add = 34;
constexpr uint32_t least_flows = 20'000;  // in all, to be timed

/// A version, and the numbers of what it numbers anew.
struct Dialect {
    uint8_t version, barrier_request, barrier_reply;
};
constexpr Dialect v10{1, 18, 19}, v14{5, 20, 21};

void header(ByteWriter& w, Dialect d, uint8_t type, uint32_t xid) {
    w.u8(d.version);
    w.u8(type);
    w.u16(8);
    w.u32(xid);
}

/// Fills in the length of the message that began at `start`.
void end(ByteWriter& w, size_t start) { w.patch_u16(start + 2, static_cast<uint16_t>(w.size() - start)); }

uint32_t address(uint32_t i) { return 0x0a000000 + i; }
uint16_t port(uint32_t i) { return static_cast<uint16_t>(i % 60000 + 1); }

/// priority=1000,udp,nw_src=10.x.y.z,tp_src=p actions=output:2 (OpenFlow 1.0.1 5.3.3).
void add_flow_10(ByteWriter& w, uint32_t i) {
    const size_t start = w.size();
    header(w, v10, flow_mod, i + 100);
    w.u32(0x3fffff & ~(0x10u | 0x20u | 0x40u | 0x3f00u));  // all wild but dl_type, nw_proto, tp_src, nw_src
    w.zeros(18);                                           // in_port, dl_src, dl_dst, dl_vlan, pcp, pad
    w.u16(0x0800);
    w.u8(0);
    w.u8(17);
    w.zeros(2);
    w.u32(address(i));
    w.u32(0);
    w.u16(port(i));
    w.u16(0);
    w.u64(i);     // cookie
    w.u16(0);     // add
    w.zeros(4);   // timeouts
    w.u16(1000);  // priority
    w.u32(0xffffffff);
    w.u16(0xffff);
    w.u16(0);
    w.u16(0);  // output
    w.u16(8);
    w.u16(2);
    w.u16(0);
    end(w, start);
}

void oxm(ByteWriter& w, uint8_t field, uint8_t length) {
    w.u32(0x8000u << 16 | uint32_t{field} << 9 | length);
}

/// The same flow (OpenFlow 1.4.1 7.3.4.1).
void add_flow_14(ByteWriter& w, uint32_t i, uint32_t xid) {
    const size_t start = w.size();
    header(w, v14, flow_mod, xid);
    w.u64(i);    // cookie
    w.zeros(8);  // its mask
    w.zeros(2);  // table 0, add
    w.zeros(4);  // timeouts
    w.u16(1000);
    w.u32(0xffffffff);  // buffer
    w.u32(0xffffffff);  // out_port, out_group
    w.u32(0xffffffff);
    w.zeros(4);  // flags, importance
    w.u16(1);    // OXM
    w.u16(4 + 6 + 5 + 8 + 6);
    oxm(w, 5, 2);
    w.u16(0x0800);
    oxm(w, 10, 1);
    w.u8(17);
    oxm(w, 11, 4);
    w.u32(address(i));
    oxm(w, 15, 2);
    w.u16(port(i));
    w.pad_to(8, start);
    w.u16(4);  // apply_actions
    w.u16(24);
    w.zeros(4);
    w.u16(0);  // output
    w.u16(16);
    w.u32(2);
    w.u16(0);
    w.zeros(6);
    end(w, start);
}

/// Atomic and ordered.
void bundle_message(ByteWriter& w, uint8_t type, uint32_t xid, uint16_t step) {
    header(w, v14, type, xid);
    w.u32(1);  // the bundle's id
    w.u16(step);
    w.u16(3);
}

void delete_all(ByteWriter& w, uint32_t xid) {
    const size_t start = w.size();
    header(w, v10, flow_mod, xid);
    w.u32(0x3fffff);
    w.zeros(36 + 8);
    w.u16(3);
    w.zeros(6);
    w.u32(0xffffffff);
    w.u16(0xffff);
    w.u16(0);
    end(w, start);
}

class Session {
  public:
    Session(const char* socket, Dialect d) : client_(socket), dialect_(d) {
        ByteWriter w;
        header(w, d, hello, 1);
        client_.send(weft::as_chars(w.span()));
    }
    void send(std::string_view bytes) { client_.send(bytes); }
    /// Reads messages until visit(type, xid, body) is true.
    template <class Visit>
    void read_until(Visit&& visit) {
        for (;;) {
            const std::string head = read(8);
            weft::ByteReader r(weft::as_bytes(head));
            r.u8();
            const uint8_t type = r.u8();
            const uint16_t length = r.u16();
            const uint32_t xid = r.u32();
            const std::string body = read(length - 8u);
            if (type == echo_request) {
                ByteWriter w;
                header(w, dialect_, echo_reply, xid);
                w.bytes(weft::as_bytes(body));
                end(w, 0);
                client_.send(weft::as_chars(w.span()));
            }
            if (type == error) {
                std::fprintf(stderr, "openflow_load: error for xid %u: %s\n", xid,
                             weft::format_hex(weft::as_bytes(body)).c_str());
                std::exit(1);
            }
            if (visit(type, xid, std::string_view(body))) return;
        }
    }
    void wait(uint8_t wanted, uint32_t its_xid) {
        read_until(
            [&](uint8_t type, uint32_t xid, std::string_view) { return type == wanted && xid == its_xid; });
    }
    void barrier(uint32_t xid) {
        ByteWriter w;
        header(w, dialect_, dialect_.barrier_request, xid);
        client_.send(weft::as_chars(w.span()));
        wait(dialect_.barrier_reply, xid);
    }

  private:
    /// Many messages come at once.
    std::string read(size_t n) {
        while (in_.size() - done_ < n) {
            in_.erase(0, done_);
            done_ = 0;
            in_ += client_.read_some();
        }
        done_ += n;
        return in_.substr(done_ - n, n);
    }

    weft::bench::Client client_;
    Dialect dialect_;
    std::string in_;
    size_t done_ = 0;
};

std::string take(ByteWriter& w) { return std::string(weft::as_chars(w.take())); }

/// Each function here: the seconds that it took to add `count` flows.

double single(Session& s, uint32_t count) {
    ByteWriter w;
    for (uint32_t i = 0; i < count; ++i) {
        add_flow_10(w, i);
        header(w, v10, v10.barrier_request, i + 1);
    }
    const std::string all = take(w);
    const size_t step = all.size() / count;
    const double start = weft::bench::now_s();
    for (uint32_t i = 0; i < count; ++i) {
        s.send(std::string_view(all).substr(i * step, step));
        s.wait(v10.barrier_reply, i + 1);
    }
    return weft::bench::now_s() - start;
}

double stream(Session& s, uint32_t count) {
    ByteWriter w;
    for (uint32_t i = 0; i < count; ++i) add_flow_10(w, i);
    const std::string all = take(w);
    const double start = weft::bench::now_s();
    s.send(all);
    s.barrier(count);
    return weft::bench::now_s() - start;
}

double bundle(Session& s, uint32_t count) {
    constexpr uint16_t open = 0, commit = 4;
    ByteWriter w;
    bundle_message(w, bundle_control, 2, open);
    end(w, 0);
    for (uint32_t i = 0; i < count; ++i) {
        const size_t start = w.size();
        bundle_message(w, bundle_add, i + 100, 0);
        add_flow_14(w, i, i + 100);
        end(w, start);
    }
    const size_t last = w.size();
    bundle_message(w, bundle_control, 3, commit);
    end(w, last);
    const std::string all = take(w);
    const double start = weft::bench::now_s();
    s.send(all);
    s.wait(bundle_control, 3);
    return weft::bench::now_s() - start;
}

/// All flows (OpenFlow 1.0.1 5.3.5); the seconds, and in `count` how many came.
double dump(Session& s, uint32_t& count) {
    ByteWriter w;
    header(w, v10, stats_request_10, 2);
    w.u16(1);  // flows
    w.u16(0);
    w.u32(0x3fffff);
    w.zeros(36);
    w.u8(0xff);  // of all tables
    w.u8(0);
    w.u16(0xffff);
    end(w, 0);
    const std::string request = take(w);
    count = 0;
    const double start = weft::bench::now_s();
    s.send(request);
    s.read_until([&](uint8_t type, uint32_t, std::string_view body) {
        if (type != stats_reply_10) return false;
        weft::ByteReader r(weft::as_bytes(body));
        r.u16();
        const bool more = r.u16() & 1;
        while (!r.empty()) {
            const uint16_t length = r.u16();
            r.skip(length - 2u);
            ++count;
        }
        return !more;
    });
    return weft::bench::now_s() - start;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view how = argc == 4 ? argv[3] : "";
    if (how != "single" && how != "stream" && how != "bundle" && how != "dump") {
        std::fprintf(stderr, "usage: openflow_load SOCKET COUNT single|stream|bundle|dump\n");
        return 2;
    }
    auto count = static_cast<uint32_t>(std::strtoul(argv[2], nullptr, 10));
    Session session(argv[1], how == "bundle" ? v14 : v10);
    if (how == "dump") {
        const double seconds = dump(session, count);
        std::printf("{\"per_second\": %.0f, \"flows\": %u}\n", count / seconds, count);
        return 0;
    }
    Session cleaner(argv[1], v10);
    const auto add = how == "single" ? single : how == "stream" ? stream : bundle;
    const uint32_t rounds = std::max<uint32_t>(1, least_flows / std::max<uint32_t>(count, 1));
    double seconds = 0;
    for (uint32_t i = 0; i < rounds; ++i) {
        if (i > 0) {
            ByteWriter w;
            delete_all(w, 7);
            cleaner.send(take(w));
            cleaner.barrier(8);
        }
        seconds += add(session, count);
    }
    std::printf("{\"per_second\": %.0f}\n", rounds * count / seconds);
    return 0;
}
