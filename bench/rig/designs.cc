// SPDX-License-Identifier: Apache-2.0
// designs SOURCES CLANG [TIMES [MASKS]]: what the datapath's programs take for a packet above one that only
// redirects, in nanoseconds, as they are and as they could be: with the masks in use as constants, with
// tables in memory of fixed places, with both. The compiler stands for what would make such programs at run
// time: it is the best that could be hoped for. Each figure is the least of TIMES averages of 100k runs of a
// program by the kernel (BPF_PROG_TEST_RUN), the designs in turn. Root.
#include <bpf/bpf.h>
#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "dp/core/flow_table.h"
#include "dp/ebpf/kernel_flows.h"
#include "packet/builder.h"
#include "sys/bpf_object.h"

namespace {

using namespace weft;
namespace fs = std::filesystem;

constexpr uint32_t n_megaflows = 64, loopback = 1;
constexpr int repeat = 100000;

struct Design {
    const char* name;
    bool hints, constant_masks, fixed_memory;
};
constexpr Design designs[] = {
    {"as shipped, no hints", false, false, false},
    {"as shipped, hints", true, false, false},
    {"constant masks", false, true, false},
    {"constant masks, hints", true, true, false},
    {"fixed memory", false, false, true},
    {"fixed memory, hints", true, false, true},
    {"both", false, true, true},
    {"both, hints", true, true, true},
};

/// The datapath's maps with megaflows of so many masks. Resource type.
struct Flows {
    explicit Flows(uint32_t n_masks) {
        table.set_mirror(mirror.get());
        const auto actions =
            std::make_shared<const action::dp::Actions>(action::dp::Actions{action::dp::Output{DpPort{2}}});
        for (uint32_t i = 0; i < n_megaflows; ++i)
            table.put({1, i}, match(i, n_masks), actions, dp::PutMode::create).value();
        program->state().in_ports[loopback] = {loopback, 1};
        program->state().out_ports[2] = {
            .ifindex = loopback, .frame_max = 1514, .flags = 0, .xdp = weft_xdp_takes, .straight_to = 0};
    }
    ~Flows() { table.set_mirror(nullptr); }
    Flows(const Flows&) = delete;
    Flows& operator=(const Flows&) = delete;

    /// Of the flows whose UDP source ends like this; each mask looks at other bits of the destination.
    static flow::Match match(uint32_t i, uint32_t n_masks) {
        flow::Match m{};
        m.key.set_in_port(DpPort{1});
        m.key.packet.eth_type = Be16(0x0800);
        m.key.packet.nw_proto = 17;
        m.key.packet.tp_src = Be16(static_cast<uint16_t>(i));
        m.key.packet.nw_dst = Be32(0x0b000002 & (0xffff00ff | i % n_masks << 8));
        m.mask.packet.in_port = m.mask.packet.recirc_id = m.mask.packet.packet_type = be_max<Be32>;
        m.mask.packet.eth_type = be_max<Be16>;
        m.mask.packet.nw_proto = m.mask.packet.nw_frag = 0xff;
        m.mask.packet.tp_src = Be16(n_megaflows - 1);
        m.mask.packet.nw_dst = Be32(0xffff00ff | i % n_masks << 8);
        return m;
    }

    std::unique_ptr<dp::KernelProgram> program = dp::KernelProgram::load().value();
    std::unique_ptr<dp::KernelFlows> mirror =
        dp::KernelFlows::make(*program, [](DpPort) { return true; }).value();
    loop::EpochDomain domain;
    dp::FlowTable table{domain};
};

/// One try_N() for each mask, with all of it as numbers.
std::string try_of(const dp::KernelProgram& program, uint32_t number, bool alone) {
    const weft_mask& m = program.state().masks[number];
    std::string masked, hash, same;
    for (uint32_t i = 0; i < m.words; ++i) {
        masked += fmt::format("    const __u64 w{} = s->words[{}] & {:#x}ull;\n", i, m.index[i], m.bits[i]);
        hash += fmt::format(
            "    h += (__u64)(__u32)((__u32)w{0} + {1}u) * (__u32)((__u32)(w{0} >> 32) + {2}u);\n", i,
            program.config().hash_key[2 * i], program.config().hash_key[2 * i + 1]);
        same += fmt::format(" && w{0} == e->words[{0}]", i);
    }
    return fmt::format(
        "{} int try_{}(struct search* s) {{\n    asm volatile(\"\" ::: \"memory\");\n{}    __u64 h = "
        "{:#x}ull;\n{}"
        "    h ^= h >> 29;\n    h *= 0x9e3779b97f4a7c15ull;\n    h ^= h >> 32;\n"
        "    s->tried++;\n    const __u64 slot = find_slot(s, h);\n    if (!slot) return 0;\n"
        "    struct weft_entry* e = entry_at((__u32)slot - weft_slot_first);\n"
        "    if (!(e && e->mask == {}{})) return 0;\n    s->found = e;\n    return 1;\n}}\n",
        alone ? "static __attribute__((noinline))" : "ALWAYS_INLINE", number, masked, m.seed, hash, number,
        same);
}

std::string find_of(const dp::KernelProgram& program, bool hints) {
    const weft_state& state = program.state();
    std::string tries, all, cases;
    for (uint32_t i = 0; i < state.n_masks; ++i) {
        const uint32_t number = state.order[i];
        tries += try_of(program, number, hints);
        all += fmt::format("{}try_{}(&s)", i ? " || " : "", number);
        cases += fmt::format("        case {0}: hit = try_{0}(&s); break;\n", number);
    }
    const std::string body =
        hints ? fmt::format(
                    "    int hit = 0;\n    s.first = hinted_mask(p);\n    switch (s.first) {{\n{}    }}\n"
                    "    if (!hit) bpf_loop({}, try_next, &s, 0);\n"
                    "    if (s.found && s.found->mask != s.first) keep_hint(p, s.found->mask);\n",
                    cases, state.n_masks)
              : fmt::format("    const int hit = {};\n    (void)hit;\n", all);
    return tries +
           fmt::format(
               "static __attribute__((noinline)) struct weft_entry* find(const struct packet* p) {{\n"
               "    const __u32 table = *(const volatile __u32*)&state.table;\n"
               "    struct search s = {{.words = p->words,\n"
               "                       .pieces = (table >> weft_table_shift) * weft_bucket_pieces_max,\n"
               "                       .bucket_mask = table & ~(1u << weft_table_shift)}};\n"
               "{}    add(&counters()->masks_tried, s.tried);\n    return s.found;\n}}\n",
               body);
}

std::string text_of(const fs::path& file) {
    std::ostringstream out;
    out << std::ifstream(file).rdbuf();
    return out.str();
}

/// Puts one text in place of another in a file.
void replace(const fs::path& file, const std::string& old, const std::string& text) {
    std::string all = text_of(file);
    const size_t at = all.find(old);
    CHECK(at != std::string::npos);
    std::ofstream(file) << all.replace(at, old.size(), text);
}

/// In a copy of the programs all tables are arrays of fixed length, each in one place.
void fix_memory(const fs::path& sources, uint32_t n_buckets) {
    const auto table = [](const char* what, const char* name, uint32_t n) {
        return fmt::format("struct {} fixed_{}[{}] SEC(\".data.{}\");\n", what, name, n, name);
    };
    std::ofstream(sources / "fixed.h")
        << "#pragma once\n#include \"bpf/maps.h\"\n"
        << table("weft_bucket", "buckets", n_buckets) << table("weft_entry", "entries", n_megaflows)
        << table("weft_flow_stats", "stats", n_megaflows * weft_stripes_max);
    const std::string found = "map ? bpf_map_lookup_elem(map, &place) : 0";
    replace(sources / "bpf/lookup.h", "    void* map = bpf_map_lookup_elem(&entries, &piece);\n",
            "    (void)piece, (void)place;\n");
    replace(sources / "bpf/lookup.h", found, fmt::format("&fixed_entries[reference & {}]", n_megaflows - 1));
    replace(sources / "bpf/lookup.h", "    void* map = bpf_map_lookup_elem(&buckets, &piece);\n",
            "    (void)piece, (void)place;\n");
    replace(sources / "bpf/lookup.h", found, fmt::format("&fixed_buckets[number & {}]", n_buckets - 1));
    replace(sources / "bpf/decide.h",
            "    void* map = bpf_map_lookup_elem(&statistics, &at);\n    if (!map) return;\n", "");
    replace(sources / "bpf/decide.h", "bpf_map_lookup_elem(map, &at)",
            fmt::format("&fixed_stats[(at & {}) * weft_stripes_max + stripe()]", n_megaflows - 1));
}

/// The tables as they are now, in those places.
void fill_memory(const Flows& flows, const sys::BpfObject& object) {
    const weft_state& state = flows.program->state();
    const uint32_t n_buckets = (state.table & ~(1u << weft_table_shift)) + 1;
    const auto map_of = [](int outer, uint32_t index, size_t value_size) {
        const sys::Fd map = sys::inner_map(outer, index).value();
        return sys::Mapping::of(map.get(), sys::map_shape(map.get())->length * value_size, 0, "a table")
            .value();
    };
    const auto fixed = [&](const char* name, size_t size) {
        return sys::Mapping::of(object.map(name).value(), size, 0, "a fixed table").value();
    };
    const sys::Mapping from =
        map_of(flows.program->buckets(), (state.table >> weft_table_shift) * weft_bucket_pieces_max,
               sizeof(weft_bucket));
    const sys::Mapping entries = map_of(flows.program->entries(), 0, sizeof(weft_entry));
    const sys::Mapping to = fixed(".data.buckets", n_buckets * sizeof(weft_bucket));
    const sys::Mapping cells = fixed(".data.entries", n_megaflows * sizeof(weft_entry));
    std::memcpy(to.at(0), from.at(0), n_buckets * sizeof(weft_bucket));
    std::memcpy(cells.at(0), entries.at(0), n_megaflows * sizeof(weft_entry));
}

struct Loaded {
    std::unique_ptr<sys::BpfObject> object;
    double load_ms = 0;
    uint32_t verified = 0;
};

/// The programs of one design, made for the flows that there are.
Loaded load(const Flows& flows, const Design& design, bool xdp, const fs::path& from,
            const std::string& clang) {
    std::string made = (fs::temp_directory_path() / "designs-XXXXXX").string();
    CHECK(::mkdtemp(made.data()));
    const fs::path folder(made);
    fs::create_directories(folder / "dp/ebpf");
    fs::copy(from / "src/bpf", folder / "bpf");
    fs::copy(from / "src/dp/ebpf/abi.h", folder / "dp/ebpf/abi.h");
    fs::copy(from / "bench/rig/designs.bpf.c", folder / "designs.bpf.c");
    std::string defines = xdp ? " -DAT_XDP" : "";
    if (design.fixed_memory) {
        fix_memory(folder, (flows.program->state().table & ~(1u << weft_table_shift)) + 1);
        defines += " -DMEMORY='\"fixed.h\"'";
    }
    if (design.constant_masks) {
        std::ofstream(folder / "find.h") << find_of(*flows.program, design.hints);
        defines += " -DFIND='\"find.h\"'";
    }
    const std::string compile = fmt::format(
        "cd {} && {} -target bpf -mcpu=v3 -O2 -g -Wno-unused-function -fno-stack-protector{} -I. "
        "-I/usr/include/x86_64-linux-gnu "
        "-c designs.bpf.c -o designs.o",
        made, clang, defines);
    CHECK(std::system(compile.c_str()) == 0);
    const std::string elf = text_of(folder / "designs.o");
    fs::remove_all(folder);

    std::vector<sys::BpfMap> maps{{".bss", flows.program->map("state").value()}};
    for (const char* name : {"buckets", "entries", "statistics", "meters", "upcalls", "hints"})
        maps.push_back({name, flows.program->map(name).value()});
    const weft_config& config = flows.program->config();
    const auto start = std::chrono::steady_clock::now();
    auto object =
        sys::BpfObject::load({reinterpret_cast<const uint8_t*>(elf.data()), elf.size()}, "designs",
                             {"config", {reinterpret_cast<const uint8_t*>(&config), sizeof config}}, maps);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    if (!object) {
        fmt::print(stderr, "{}: {}\n", design.name, object.error().message);
        return {};
    }
    if (design.fixed_memory) fill_memory(flows, **object);
    const uint32_t verified = sys::verified_instructions((*object)->program("bench").value()).value();
    return {std::move(*object), took.count(), verified};
}

/// Nanoseconds for a packet, on average.
uint32_t run(int program, Bytes frame, uint32_t n_flows, bool xdp) {
    constexpr size_t count_at = 46;
    std::memcpy(frame.data() + count_at, &n_flows, sizeof n_flows);
    bpf_test_run_opts options{};
    options.sz = sizeof options;
    options.data_in = frame.data();
    options.data_size_in = static_cast<uint32_t>(frame.size());
    options.repeat = repeat;
    xdp_md at_xdp{};
    at_xdp.data_end = options.data_size_in;
    at_xdp.ingress_ifindex = loopback;
    __sk_buff at_tc{};
    at_tc.ifindex = loopback;
    options.ctx_in = xdp ? static_cast<void*>(&at_xdp) : &at_tc;
    options.ctx_size_in = xdp ? sizeof at_xdp : sizeof at_tc;
    CHECK(bpf_prog_test_run_opts(program, &options) == 0);
    CHECK(options.retval == (xdp ? 4u : 7u));  // redirected
    return options.duration;
}

void measure(bool xdp, uint32_t n_masks, const char* sources, const char* clang, int times) {
    Flows flows(n_masks);
    std::vector<Loaded> loaded;
    for (const Design& design : designs) loaded.push_back(load(flows, design, xdp, sources, clang));
    const Bytes frame = packet::PacketBuilder()
                            .eth(Mac::from_u64(0x020000000001), Mac::from_u64(0x020000000002))
                            .ip4(Be32(0x0a000001), Be32(0x0b000002))
                            .udp(1, 2)
                            .payload(22)
                            .bytes();
    for (const uint32_t n_flows : {1u, 10000u}) {
        std::vector<uint32_t> least(std::size(designs), ~0u);
        uint32_t trivial = ~0u;
        for (int i = 0; i < times; ++i) {
            trivial =
                std::min(trivial, run(loaded[0].object->program("trivial").value(), frame, n_flows, xdp));
            for (size_t d = 0; d < loaded.size(); ++d) {
                if (!loaded[d].object) continue;
                flows.program->state().hints = designs[d].hints;
                least[d] =
                    std::min(least[d], run(loaded[d].object->program("bench").value(), frame, n_flows, xdp));
            }
        }
        for (size_t d = 0; d < loaded.size(); ++d)
            if (loaded[d].object)
                fmt::print(
                    "{}, {} masks, {} flows, {}: {} ns above {}; loaded in {:.0f} ms, {} instructions "
                    "verified\n",
                    xdp ? "xdp" : "tc", n_masks, n_flows, designs[d].name, least[d] - trivial, trivial,
                    loaded[d].load_ms, loaded[d].verified);
        std::fflush(stdout);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "usage: designs SOURCES CLANG [TIMES [MASKS]]\n");
        return 2;
    }
    const int times = argc > 3 ? std::atoi(argv[3]) : 25;
    std::vector<uint32_t> masks{1, 10, 50};
    if (argc > 4) masks = {static_cast<uint32_t>(std::atoi(argv[4]))};
    for (const bool xdp : {true, false})
        for (const uint32_t n_masks : masks) measure(xdp, n_masks, argv[1], argv[2], times);
    return 0;
}
