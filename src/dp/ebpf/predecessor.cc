// SPDX-License-Identifier: Apache-2.0
#include "dp/ebpf/predecessor.h"

#include <fmt/core.h>

#include <atomic>
#include <cerrno>

#include "base/hash.h"

namespace weft::dp {
namespace {

constexpr const char* prefix = "maps_";

/// Another layout of what is shared has another number; raise `version` where sizes do not tell.
uint64_t layout() {
    constexpr uint64_t version = 2;
    uint64_t h = version;
    for (const size_t size :
         {sizeof(weft_state), sizeof(weft_key), sizeof(weft_mask), sizeof(weft_bucket), sizeof(weft_entry),
          sizeof(weft_flow_stats), sizeof(weft_upcall), offsetof(weft_state, masks),
          offsetof(weft_entry, words), offsetof(weft_upcall, csum), size_t{weft_key_words},
          size_t{weft_slot_first}, size_t{weft_piece_shift}, size_t{weft_piece_buckets_shift}})
        h = hash_mix(h, size);
    return h >> 32;
}

std::string layout_prefix() { return fmt::format("{}{:08x}_", prefix, layout()); }

template <class T>
T load(const T& shared) {
    return std::atomic_ref(const_cast<T&>(shared)).load(std::memory_order_acquire);
}

constexpr const char* map_names[] = {"state", "buckets", "entries", "statistics", "upcalls", "next_program"};

}  // namespace

std::vector<std::string> PinFolder::generations() const {
    std::vector<std::string> out;
    const sys::BpfFolder root(root_);
    for (const std::string& name : root.names())
        if (name.starts_with(prefix)) out.push_back(root.path_of(name));
    return out;
}

bool PinFolder::is_readable(const std::string& generation) {
    return generation.substr(generation.rfind('/') + 1).starts_with(layout_prefix());
}

Result<std::string> PinFolder::add_generation(const KernelProgram& program) const {
    TRY(sys::BpfFolder::make(links()));
    const sys::BpfFolder root(root_);
    std::string name;
    for (unsigned n = 1;; ++n) {
        name = fmt::format("{}{:06}", layout_prefix(), n);
        if (!root.is_folder(name)) break;
    }
    const auto folder = TRY(sys::BpfFolder::make(root.path_of(name)));
    for (const char* map : map_names)
        if (const auto pinned = folder.pin(TRY(program.map(map)), map); !pinned) {
            sys::BpfFolder::remove(folder.path());
            return std::unexpected(pinned.error());
        }
    return folder.path();
}

void PinFolder::tidy_up() const {
    sys::BpfFolder(links()).remove_if_empty();
    promiscuous().tidy_up();
    sys::BpfFolder(root_).remove_if_empty();
}

Result<void> Predecessor::Pieces::open(const sys::BpfFolder& folder, const std::string& name, Cells cells) {
    value_size_ = cells.size;
    const sys::Fd outer = TRY(folder.open(name));
    const sys::MapShape shape = TRY(sys::map_shape(outer.get()));
    for (uint32_t i = cells.first; i < shape.length; ++i) {
        const auto inner = sys::inner_map(outer.get(), i);
        if (!inner && inner.error().code == ENOENT) break;
        if (!inner) return std::unexpected(inner.error());
        const sys::MapShape found = TRY(sys::map_shape(inner->get()));
        if (found.value_size != value_size_) return fail(name + " has cells of another size", EINVAL);
        Piece& piece = pieces_.emplace_back();
        piece.memory = TRY(sys::Mapping::readable(inner->get(), size_t{found.length} * value_size_, 0, name));
        piece.length = found.length;
    }
    return {};
}

const uint8_t* Predecessor::Pieces::at(uint32_t piece, uint32_t place) const {
    if (place >= length(piece)) return nullptr;
    return pieces_[piece].memory.at(size_t{place} * value_size_);
}

Result<std::unique_ptr<Predecessor>> Predecessor::open(const std::string& generation) {
    const sys::BpfFolder folder(generation);
    std::unique_ptr<Predecessor> out(new Predecessor);
    const sys::Fd state = TRY(folder.open("state"));
    const sys::MapShape shape = TRY(sys::map_shape(state.get()));
    if (shape.value_size < sizeof(weft_state)) return fail(generation + ": the state is too small", EINVAL);
    out->state_ = TRY(
        sys::Mapping::readable(state.get(), offsetof(weft_state, in_ports), 0, "an earlier process's state"));
    const uint32_t table = load(out->state().table) >> weft_table_shift;
    TRY(out->buckets_.open(folder, "buckets", {sizeof(weft_bucket), table * weft_bucket_pieces_max}));
    TRY(out->entries_.open(folder, "entries", {sizeof(weft_entry), 0}));
    TRY(out->statistics_.open(folder, "statistics", {sizeof(weft_flow_stats), 0}));
    out->ring_map_ = TRY(folder.open("upcalls"));
    const sys::MapShape ring = TRY(sys::map_shape(out->ring_map_.get()));
    out->ring_ = TRY(sys::BpfRing::open(out->ring_map_.get(), ring.length, longest_upcall));
    return out;
}

std::vector<LeftFlow> Predecessor::flows() const {
    std::vector<LeftFlow> out;
    const uint32_t mask = load(state().table) & ~(1u << weft_table_shift);
    for (uint32_t i = 0; i <= mask; ++i) {
        const auto* bucket = reinterpret_cast<const weft_bucket*>(
            buckets_.at(i >> weft_piece_buckets_shift, i & ((1u << weft_piece_buckets_shift) - 1)));
        if (!bucket) break;
        for (const __u64& slot : bucket->slot)
            if (auto left = flow(load(slot))) out.push_back(*left);
    }
    return out;
}

std::optional<LeftFlow> Predecessor::flow(uint64_t slot) const {
    if (uint32_t(slot) < weft_slot_first) return std::nullopt;
    const uint32_t reference = uint32_t(slot) - weft_slot_first;
    const auto* entry = reinterpret_cast<const weft_entry*>(
        entries_.at(reference >> weft_piece_shift, reference & ((1u << weft_piece_shift) - 1)));
    if (!entry || entry->mask >= weft_masks_max) return std::nullopt;
    const uint64_t hold = load(entry->hold);
    if (hold && (hold & weft_hold_open || (hold & ~weft_hold_closed) > ring_->consumed()))
        return std::nullopt;  // packets of it wait in the ring
    const weft_mask& mask = state().masks[entry->mask];
    if (mask.words > weft_key_words || entry->key_words != mask.words) return std::nullopt;
    if (mask.blocks & ~weft_blocks_here) return std::nullopt;
    LeftFlow out;
    const auto k = flow::words(out.match.key);
    const auto m = flow::words(out.match.mask);
    for (uint32_t i = 0; i < mask.words; ++i) {
        if (mask.index[i] >= weft_key_words) return std::nullopt;
        const size_t at = flow::packet_word + mask.index[i];
        m[at] = mask.bits[i];
        k[at] = entry->words[i] & mask.bits[i];
    }
    out.stats = stats_of(entry->stats);
    return out;
}

FlowStats Predecessor::stats_of(uint32_t reference) const {
    const uint32_t stripes = std::min<uint32_t>(state().stripes, weft_stripes_max);
    const uint32_t piece = reference >> weft_piece_shift, place = reference & ((1u << weft_piece_shift) - 1);
    FlowStats sum;
    uint64_t used = 0;
    for (uint32_t copy = 0; copy < stripes; ++copy) {
        const auto* cell =
            reinterpret_cast<const weft_flow_stats*>(statistics_.at(piece * stripes + copy, place));
        if (!cell) continue;
        sum.packets += load(cell->packets);
        sum.bytes += load(cell->bytes);
        sum.tcp_flags |= static_cast<uint16_t>(load(cell->tcp_flags));
        used = std::max<uint64_t>(used, load(cell->used_ns));
    }
    if (used) sum.used = Time(Duration(static_cast<int64_t>(used)));
    return sum;
}

}  // namespace weft::dp
