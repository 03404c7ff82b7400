// SPDX-License-Identifier: Apache-2.0
#include "action/option_places.h"

#include <algorithm>
#include <bit>
#include <type_traits>

namespace weft::action {
namespace {

constexpr unsigned value_bits = 128;  ///< of flow::FieldValue

/// One mention of an option: the bits from 0 to `end` must be there.
struct Mention {
    flow::FieldId option;
    unsigned end = 0;
    bool in_one_value = true;  ///< these bits go through a FieldValue at once
};

unsigned width(const flow::FieldValue& v) {
    for (size_t i = 0; i < v.b.size(); ++i)
        if (v.b[i])
            return static_cast<unsigned>((v.b.size() - i) * 8 -
                                         static_cast<size_t>(std::countl_zero(v.b[i])));
    return 0;
}

/// Calls visit(Mention, place) for what one action says of options; `A` may be const.
template <class Visit>
class Mentions {
  public:
    explicit Mentions(Visit& visit) : visit_(visit) {}

    template <class List>
    void list(List& actions) {
        for (auto& a : actions) std::visit([this](auto& one) { this->of(one); }, a.v);
    }

  private:
    template <class Sub>
    void bits(Sub& sf, bool in_one_value = true) {
        if (!sf.n_bits || !flow::field(sf.field).is_tun_metadata()) return;
        const unsigned end = sf.ofs + sf.n_bits;
        const bool too_wide = in_one_value && sf.n_bits > value_bits;
        visit_(Mention{sf.field, too_wide ? ~0u : end, in_one_value}, sf.place);
    }
    template <class T>
    void of(T& a) {
        using A = std::remove_const_t<T>;
        if constexpr (std::is_same_v<A, SetField>) {
            if (!flow::field(a.field).is_tun_metadata()) return;
            const bool exact = a.mask == flow::legal_bits(a.field);
            visit_(Mention{a.field, width(exact ? a.value : a.mask)}, a.load_dst.place);
            if constexpr (!std::is_const_v<T>) widen(a);
        } else if constexpr (std::is_same_v<A, DeleteField>) {
            visit_(Mention{a.field}, a.place);
        } else if constexpr (std::is_same_v<A, Move>) {
            bits(a.src, false);
            bits(a.dst, false);
        } else if constexpr (std::is_same_v<A, StackPush> || std::is_same_v<A, OutputReg>) {
            bits(a.src);
        } else if constexpr (std::is_same_v<A, StackPop> || std::is_same_v<A, Multipath> ||
                             std::is_same_v<A, Bundle> || std::is_same_v<A, CheckPktLarger>) {
            bits(a.dst);
        } else if constexpr (std::is_same_v<A, Learn>) {
            learn(a);
        } else if constexpr (std::is_same_v<A, Ct>) {
            bits(a.zone_src);
            list(a.actions);
        } else if constexpr (std::is_same_v<A, Clone> || std::is_same_v<A, WriteActions>) {
            list(a.actions);
        }
    }
    /// All bits that the option has are the option whole, and told without a mask.
    static void widen(SetField& a) {
        const size_t n_bits = flow::OptionPlace::unpack(a.load_dst.place).n_bits();
        if (n_bits == 0 || n_bits > value_bits) return;
        const size_t first = a.mask.b.size() - n_bits / 8;
        if (std::all_of(a.mask.b.begin() + static_cast<ptrdiff_t>(first), a.mask.b.end(),
                        [](uint8_t b) { return b == 0xff; }))
            a.mask = flow::legal_bits(a.field);
    }
    template <class L>
    void learn(L& a) {
        bits(a.result);
        for (auto& spec : a.specs) {
            if (!spec.immediate) bits(spec.src);
            if (spec.dst_kind != Learn::Spec::Dst::output) bits(spec.dst);
        }
    }

    Visit& visit_;
};

}  // namespace

uint64_t options_named(const Actions& actions) {
    uint64_t out = 0;
    auto note = [&](const Mention& m, uint16_t) {
        out |= uint64_t{1} << flow::TlvLayout::index_of(m.option);
    };
    Mentions(note).list(actions);
    return out;
}

OfResult<> place_options(Actions& actions, const flow::TlvLayout& layout) {
    OfResult<> result;
    auto place = [&](const Mention& m, uint16_t& at) {
        const flow::OptionPlace* found = layout.find(m.option);
        if (!result) return;
        if (!found)
            result = refuse(OfError::nxfmfc_invalid_tlv_field);
        else if (m.end > found->n_bits())
            result = refuse(OfError::bac_bad_set_len);
        else
            at = found->pack();
    };
    Mentions(place).list(actions);
    return result;
}

}  // namespace weft::action
