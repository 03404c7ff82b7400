// SPDX-License-Identifier: Apache-2.0
// A frame on its way through the switch: bytes with room in front, and the work its sender left to the
// hardware (checksum and segmentation offload), which stays with it until a port that cannot do that work.
#pragma once

#include <cstdint>
#include <utility>

#include "base/bytes.h"
#include "base/ids.h"

namespace weft::packet {

enum class Csum : uint8_t {
    none,      ///< all checksums are in the frame; nobody has verified them
    verified,  ///< in the frame, and known to be right
    partial,   ///< the field at csum_start + csum_offset holds the pseudo header's sum only (RFC 1071,
               ///< uncomplemented)
};

enum class Gso : uint8_t {
    none,
    tcp4,
    tcp6,
    udp_fragment,  ///< one UDP datagram, to be cut into IP fragments (UFO)
    udp_segment,   ///< UDP payloads of gso_size each (USO)
};

/// Value type. Offsets count from the first byte of the frame: Packet moves them when bytes are pushed or
/// pulled in front.
struct Offload {
    Csum csum = Csum::none;
    Gso gso = Gso::none;
    bool ecn = false;          ///< TCP segmentation: the first segment only carries CWR
    uint16_t csum_start = 0;   ///< first byte summed; meaningful for Csum::partial only
    uint16_t csum_offset = 0;  ///< of the 16-bit checksum, from csum_start
    uint16_t gso_size = 0;     ///< payload bytes of each segment
    uint16_t header_size =
        0;  ///< bytes of all headers of a super-packet, up to and with TCP or UDP; 0: unknown

    bool operator==(const Offload&) const = default;
};

/// Resource type: moves, is copied by clone() only. Its bytes are either owned (heap) or borrowed, from a
/// receive ring for instance; a borrowed packet must be consumed, or made owned by own(), before the
/// lender takes its memory back. Not thread-safe; an owned packet may be handed to another thread.
class Packet {
  public:
    static constexpr uint32_t default_headroom = 128;

    Packet() = default;
    Packet(Packet&& o) noexcept { swap(o); }
    Packet& operator=(Packet&& o) noexcept {
        Packet gone(std::move(o));
        swap(gone);
        return *this;
    }
    ~Packet() {
        if (owned_) release();
    }

    /// An owned packet with these bytes.
    static Packet copy_of(ByteSpan frame, uint32_t headroom = default_headroom);
    /// A packet that lies in memory [begin, begin + capacity) of a lender, at `headroom` from its begin.
    static Packet borrow(uint8_t* begin, uint32_t capacity, uint32_t headroom, uint32_t size) {
        CHECK(headroom + size <= capacity);
        Packet p;
        p.begin_ = begin;
        p.capacity_ = capacity;
        p.offset_ = headroom;
        p.size_ = size;
        return p;
    }

    uint8_t* data() { return begin_ + offset_; }
    const uint8_t* data() const { return begin_ + offset_; }
    uint32_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    ByteSpan bytes() const { return {data(), size_}; }
    MutableByteSpan bytes() { return {data(), size_}; }
    uint32_t headroom() const { return offset_; }
    uint32_t tailroom() const { return capacity_ - offset_ - size_; }

    /// n more bytes in front, of undefined content; the new data(). Moves to owned memory if headroom is
    /// short.
    uint8_t* push(uint32_t n) {
        if (n > offset_) [[unlikely]]
            reallocate(default_headroom + n, tailroom());
        offset_ -= n;
        size_ += n;
        move_offload(static_cast<int>(n));
        return data();
    }
    /// n bytes less in front.
    void pull(uint32_t n) {
        CHECK(n <= size_);
        offset_ += n;
        size_ -= n;
        move_offload(-static_cast<int>(n));
    }
    /// n more bytes, of undefined content, at `at` bytes from the front: the bytes before them move forward.
    /// The first new byte.
    uint8_t* insert(uint32_t at, uint32_t n);
    /// Removes n bytes that begin at `at`: the bytes before them move back.
    void erase(uint32_t at, uint32_t n);
    /// n more bytes, of undefined content, at the end; the first of them.
    uint8_t* append(uint32_t n) {
        if (n > tailroom()) [[unlikely]]
            reallocate(offset_, n);
        size_ += n;
        return data() + size_ - n;
    }
    /// Keeps the first n bytes.
    void truncate(uint32_t n) {
        if (n < size_) size_ = n;
    }

    bool is_owned() const { return owned_; }
    /// Copies borrowed bytes to memory of its own; afterwards the lender is free.
    void own() {
        if (!owned_) reallocate(default_headroom, 0);
    }
    /// An owned packet with the same bytes and metadata.
    Packet clone() const;

    Offload offload;
    uint16_t l3_type = 0;  ///< Ethertype of a packet that begins with its L3 header; 0: a frame
    DpPort in_port = dp_none;

  private:
    void swap(Packet& o) noexcept {
        std::swap(begin_, o.begin_);
        std::swap(capacity_, o.capacity_);
        std::swap(offset_, o.offset_);
        std::swap(size_, o.size_);
        std::swap(owned_, o.owned_);
        std::swap(offload, o.offload);
        std::swap(l3_type, o.l3_type);
        std::swap(in_port, o.in_port);
    }
    void move_offload(int delta) {
        offload.csum_start = static_cast<uint16_t>(offload.csum_start + delta);
        if (offload.header_size) offload.header_size = static_cast<uint16_t>(offload.header_size + delta);
    }
    void reallocate(uint32_t headroom, uint32_t tailroom);
    void release();

    uint8_t* begin_ = nullptr;
    uint32_t capacity_ = 0;
    uint32_t offset_ = 0;
    uint32_t size_ = 0;
    bool owned_ = false;
};

}  // namespace weft::packet
