// SPDX-License-Identifier: Apache-2.0
// FlowView: the only way to read the packet's key during translation. Every read un-wildcards what it looked
// at.
#pragma once

#include <type_traits>

#include "flow/field.h"
#include "flow/flow_key.h"

namespace weft::flow {

/// Resource-like value: copyable so that clone() and trace can save and restore it. Not thread-safe.
/// Invariant: the result of a translation depends on the original packet only through bits that mask() has
/// set. Bits that were overwritten (`written`) are no longer the packet's, so reading them un-wildcards
/// nothing.
class FlowView {
  public:
    explicit FlowView(const FlowKey& packet) : key_(packet) {}

    /// The value of a member of one of the key's blocks: view.read(&FlowKey::packet, &PacketBlock::eth_dst).
    template <class Block, class T>
    T read(Block FlowKey::* block, T Block::* member) {
        observe(&(key_.*block.*member), sizeof(T));
        return key_.*block.*member;
    }
    template <class T>
    T read(T PacketBlock::* member) {
        return read(&FlowKey::packet, member);
    }
    template <class Block, class T>
    void write(Block FlowKey::* block, T Block::* member, const T& value) {
        key_.*block.*member = value;
        mark_written(&(key_.*block.*member), sizeof(T));
    }
    template <class T>
    void write(T PacketBlock::* member, const T& value) {
        write(&FlowKey::packet, member, value);
    }

    /// Replaces a whole block: what a packet loses when it changes bridges.
    template <class Block>
    void write_block(Block FlowKey::* block, const Block& value) {
        key_.*block = value;
        mark_written(&(key_.*block), sizeof(Block));
    }

    /// Replaces all headers, from L2 on: those that show are others now.
    void write_headers(const PacketBlock& from) {
        constexpr size_t at = offsetof(PacketBlock, eth_dst);
        auto* to = reinterpret_cast<uint8_t*>(&key_.packet) + at;
        std::memcpy(to, reinterpret_cast<const uint8_t*>(&from) + at, sizeof(PacketBlock) - at);
        mark_written(to, sizeof(PacketBlock) - at);
    }

    /// One element of a member that is an array, and all of them.
    template <class T, size_t n>
    T read_element(T (PacketBlock::*member)[n], size_t i) {
        const T& element = (key_.packet.*member)[i];
        observe(&element, sizeof element);
        return element;
    }
    template <class T, size_t n>
    void write_array(T (PacketBlock::*member)[n], const T (&values)[n]) {
        for (size_t i = 0; i < n; ++i) (key_.packet.*member)[i] = values[i];
        mark_written(&(key_.packet.*member), sizeof values);
    }

    FieldValue read(Subfield sf);
    /// An option of a tunnel that is written is there afterwards.
    void write(Subfield sf, const FieldValue& value);
    /// Takes an option away that lies at Subfield::place.
    void remove_option(FieldId option, uint16_t place);
    /// Un-wildcards bits that a lookup consulted, given as a mask over the current key.
    void observe(const FlowMask& looked_at);
    /// The same for bits of one word of words(FlowKey).
    void observe_word(size_t word, uint64_t bits) { words(mask_)[word] |= bits & ~words(written_)[word]; }
    /// Un-wildcards bits of the packet as it arrived, though they were overwritten since: the commit step,
    /// which leaves out a set action that would change nothing, depends on them.
    void observe_original(const FlowMask& bits);
    template <class T>
    void observe_original(T PacketBlock::* member, const T& bits) {
        FlowMask m{};
        m.packet.*member = bits;
        observe_original(m);
    }
    /// For classifiers, which promise to observe() every bit their answer depended on.
    const FlowKey& key_for_lookup() const { return key_; }

    /// Bits of the original packet on which the result depends so far.
    const FlowMask& mask() const { return mask_; }
    /// Bits that are no longer the packet's own.
    const FlowMask& written() const { return written_; }

  private:
    void set_present(FieldId option, bool present);
    void observe(const void* member, size_t size) {
        const size_t at =
            static_cast<size_t>(static_cast<const char*>(member) - reinterpret_cast<const char*>(&key_));
        auto* m = reinterpret_cast<uint8_t*>(&mask_) + at;
        const auto* w = reinterpret_cast<const uint8_t*>(&written_) + at;
        for (size_t i = 0; i < size; ++i) m[i] |= static_cast<uint8_t>(~w[i]);
    }
    void mark_written(const void* member, size_t size) {
        const size_t at =
            static_cast<size_t>(static_cast<const char*>(member) - reinterpret_cast<const char*>(&key_));
        std::memset(reinterpret_cast<uint8_t*>(&written_) + at, 0xff, size);
    }

    FlowKey key_;
    FlowMask mask_{};
    FlowMask written_{};
};

}  // namespace weft::flow
