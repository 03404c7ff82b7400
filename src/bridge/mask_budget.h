// SPDX-License-Identifier: Apache-2.0
// How many masks the packets of one port may bring into the datapath.
#pragma once

#include <mutex>
#include <unordered_map>

#include "base/ids.h"
#include "flow/packed_key.h"

namespace weft::bridge {

/// A datapath looks a packet up under one mask after the other, so masks cost everybody. Somebody who knows
/// the rules can send packets that each need another mask (a tuple-space explosion). A port that has brought
/// `limit` masks gets further flows under masks with whole fields only, of which there are few: they match
/// less than they could, and what that costs, its own packets pay.
///
/// Resource type; any thread.
class MaskBudget {
  public:
    static constexpr size_t default_limit = 64;

    explicit MaskBudget(size_t limit = default_limit) : limit_(limit) {}

    struct Admitted {
        flow::FlowMask mask;  ///< at least the bits asked for
        uint64_t name = 0;    ///< what release() wants to know of it
        /// The same mask, shared by those who have it: there until their release(). Null if another mask has
        /// its name.
        const flow::PackedKey* shared = nullptr;
        bool merged = false;
        bool first = false;  ///< the port came upon its limit just now, after a time below it
    };
    /// The mask to install a flow for `key` under. Each call is undone by one of release().
    Admitted admit(DpPort port, const flow::FlowKey& key, const flow::FlowMask& needed);
    void release(DpPort port, uint64_t name);

    struct Use {
        DpPort port;
        size_t masks = 0;
        uint64_t merged = 0;  ///< flows that got another mask than they needed, ever
    };
    /// By port number.
    std::vector<Use> uses() const;

  private:
    struct Flows {
        size_t count = 0;
        flow::PackedKey mask;
    };
    struct Account {
        std::unordered_map<uint64_t, Flows> flows;  ///< by hash of the mask
        uint64_t merged = 0;
        bool full = false;
        std::pair<const uint64_t, Flows>* last = nullptr;  ///< that was asked for: most ask for the same
    };
    mutable std::mutex mutex_;
    std::unordered_map<DpPort, Account> accounts_;
    size_t limit_;
};

}  // namespace weft::bridge
