// SPDX-License-Identifier: Apache-2.0
#include "bridge/checkpoint.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/hash.h"
#include "openflow/message.h"

namespace weft::bridge {

namespace {

constexpr uint64_t magic = 0x5765667463686b70;  // "Weftchkp"
constexpr uint32_t format = 2;
constexpr size_t header_size = 28;
constexpr openflow::Dialect wire_form{.version = openflow::Version::v15};

/// Two directions of one description: `io(x)` writes x, or reads it.
class Put {
  public:
    explicit Put(ByteWriter& out) : out_(out) {}
    template <class T>
        requires std::is_integral_v<T> || std::is_enum_v<T>
    void operator()(const T& v) {
        out_.u64(static_cast<uint64_t>(v));
    }
    void operator()(const std::string& s) { bytes(as_bytes(s)); }
    void operator()(const Bytes& b) { bytes(b); }
    void operator()(const Mac& m) { out_.write(m); }
    void operator()(const Uuid& u) { out_.write(u); }
    void operator()(const Time& t) { out_.u64(static_cast<uint64_t>(t.time_since_epoch().count())); }
    void operator()(const OfPort& p) { out_.u64(p.value); }
    void operator()(const DpPort& p) { out_.u64(p.value); }
    template <class T>
    void operator()(const std::optional<T>& o) {
        (*this)(o.has_value());
        if (o) (*this)(*o);
    }
    template <class T>
    void operator()(const std::vector<T>& list) {
        out_.u64(list.size());
        for (const T& item : list) (*this)(item);
    }
    template <class T>
        requires requires(T& t, Put& p) { describe(t, p); }
    void operator()(const T& t) {
        describe(const_cast<T&>(t), *this);
    }
    void operator()(const pipeline::Frozen& state) { bytes(pipeline::encode(state)); }
    template <class T>
        requires std::same_as<T, openflow::GroupDesc> || std::same_as<T, openflow::MeterConfig>
    void operator()(const T& t) {
        bytes(openflow::encode({.body = as_mod(t)}, wire_form));
    }

  private:
    static openflow::Body as_mod(const openflow::GroupDesc& g) {
        return openflow::GroupMod{.command = openflow::GroupCommand::add, .id = g.id, .spec = g.spec};
    }
    static openflow::Body as_mod(const openflow::MeterConfig& m) {
        return openflow::MeterMod{.command = openflow::MeterCommand::add, .id = m.id, .spec = m.spec};
    }
    void bytes(ByteSpan b) {
        out_.u64(b.size());
        out_.bytes(b);
    }
    ByteWriter& out_;
};

class Get {
  public:
    explicit Get(ByteSpan bytes) : in_(bytes) {}
    bool ok() const { return in_.ok() && ok_; }
    bool at_end() const { return in_.empty(); }

    template <class T>
        requires std::is_integral_v<T> || std::is_enum_v<T>
    void operator()(T& v) {
        const uint64_t word = in_.u64();
        v = static_cast<T>(word);
        ok_ = ok_ && static_cast<uint64_t>(v) == word;
    }
    void operator()(std::string& s) { s = as_chars(bytes()); }
    void operator()(Bytes& b) {
        const ByteSpan taken = bytes();
        b.assign(taken.begin(), taken.end());
    }
    void operator()(Mac& m) { m = in_.read<Mac>(); }
    void operator()(Uuid& u) { u = in_.read<Uuid>(); }
    void operator()(Time& t) { t = Time(Duration(static_cast<int64_t>(in_.u64()))); }
    void operator()(OfPort& p) { (*this)(p.value); }
    void operator()(DpPort& p) { (*this)(p.value); }
    template <class T>
    void operator()(std::optional<T>& o) {
        bool has = false;
        (*this)(has);
        if (has && ok()) (*this)(o.emplace());
    }
    template <class T>
    void operator()(std::vector<T>& list) {
        uint64_t n = 0;
        (*this)(n);
        // Every item takes bytes, so a wrong number ends where they do.
        for (uint64_t i = 0; i < n && ok(); ++i) (*this)(list.emplace_back());
    }
    template <class T>
        requires requires(T& t, Get& g) { describe(t, g); }
    void operator()(T& t) {
        describe(t, *this);
    }
    void operator()(pipeline::Frozen& state) {
        auto read = pipeline::decode_frozen(bytes());
        ok_ = ok_ && read;
        if (read) state = *std::move(read);
    }
    void operator()(openflow::GroupDesc& g) {
        if (auto mod = message<openflow::GroupMod>()) g = {mod->id, std::move(mod->spec)};
    }
    void operator()(openflow::MeterConfig& m) {
        if (auto mod = message<openflow::MeterMod>()) m = {mod->id, std::move(mod->spec)};
    }

  private:
    ByteSpan bytes() {
        const uint64_t n = in_.u64();
        return in_.take(n);
    }
    template <class T>
    std::optional<T> message() {
        const ByteSpan b = bytes();
        std::optional<T> out;
        if (b.size() >= openflow::header_size &&
            openflow::read_header(b).version == static_cast<uint8_t>(wire_form.version) &&
            openflow::read_header(b).length == b.size())
            if (auto read = openflow::decode(b, wire_form))
                if (auto* mod = std::get_if<T>(&read->body)) out = std::move(*mod);
        ok_ = ok_ && out;
        return out;
    }
    ByteReader in_;
    bool ok_ = true;
};

template <class IO>
void describe(Checkpoint::Port& p, IO& io) {
    io(p.interface), io(p.number), io(p.dp_port), io(p.of_config);
}
template <class IO>
void describe(Vacancy& v, IO& io) {
    io(v.down), io(v.up), io(v.is_low);
}
template <class IO>
void describe(Checkpoint::Table& t, IO& io) {
    io(t.id), io(t.miss), io(t.evicts), io(t.vacancy), io(t.name), io(t.lookups), io(t.matched);
}
template <class IO>
void describe(action::MeterCounts::Band& b, IO& io) {
    io(b.packets), io(b.bytes);
}
template <class IO>
void describe(action::MeterCounts& c, IO& io) {
    io(c.packets), io(c.bytes), io(c.bands);
}
template <class IO>
void describe(Checkpoint::Meter& m, IO& io) {
    io(m.config), io(m.created), io(m.counts);
}
template <class IO>
void describe(Checkpoint::Group::Count& c, IO& io) {
    io(c.packets), io(c.bytes);
}
template <class IO>
void describe(Checkpoint::Group& g, IO& io) {
    io(g.desc), io(g.created), io(g.all), io(g.buckets);
}
template <class IO>
void describe(openflow::TlvMap& m, IO& io) {
    io(m.option_class), io(m.option_type), io(m.length), io(m.index);
}
template <class IO>
void describe(Checkpoint::Station& s, IO& io) {
    io(s.mac), io(s.vlan), io(s.is_static), io(s.used), io(s.port);
}
template <class IO>
void describe(Checkpoint::Bridge& b, IO& io) {
    io(b.row), io(b.name), io(b.default_rule), io(b.fragments), io(b.ports), io(b.tables), io(b.tlvs);
    io(b.meters), io(b.stations), io(b.groups), io(b.rules);
}
template <class IO>
void describe(Checkpoint::Recirculation& r, IO& io) {
    io(r.id), io(r.state);
}
template <class IO>
void describe(Checkpoint::Datapath& d, IO& io) {
    io(d.type), io(d.recirculations), io(d.bridges);
}
template <class IO>
void describe(Checkpoint& c, IO& io) {
    io(c.boot), io(c.written), io(c.clean), io(c.datapaths);
}

}  // namespace

Bytes encode(const Checkpoint& checkpoint) {
    ByteWriter out;
    out.zeros(header_size);
    Put put(out);
    put(checkpoint);
    Bytes all = out.take();  // of a million rules: not copied
    const ByteSpan payload = ByteSpan(all).subspan(header_size);
    ByteWriter header;
    header.u64(magic);
    header.u32(format);
    header.u64(payload.size());
    header.u64(hash_bytes(payload, format));
    CHECK(header.size() == header_size);
    std::ranges::copy(header.span(), all.begin());
    return all;
}

Result<Checkpoint> decode_checkpoint(ByteSpan bytes) {
    ByteReader in(bytes);
    if (in.u64() != magic) return fail("it does not begin as a checkpoint");
    if (const uint32_t version = in.u32(); version != format)
        return fail(fmt::format("it is of format {}; this switch knows format {}", version, format));
    const uint64_t size = in.u64(), checksum = in.u64();
    if (!in.ok() || in.size() != size)
        return fail(fmt::format("it was cut short: {} of {} bytes", bytes.size(), size + header_size));
    if (hash_bytes(in.rest(), format) != checksum) return fail("its checksum is wrong");
    Get get(in.rest());
    Checkpoint out;
    get(out);
    if (!get.ok() || !get.at_end()) return fail("its contents make no sense");
    return out;
}

}  // namespace weft::bridge
