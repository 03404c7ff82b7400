// SPDX-License-Identifier: Apache-2.0
#include "pipeline/action_set.h"

namespace weft::pipeline {

namespace {

/// Place in the order of execution. Kinds that cannot be in a set have none; decoders refuse them.
enum class Place : uint8_t {
    meter,
    pop_vlan,
    pop_mpls,
    decap,
    encap,
    push_mpls,
    push_vlan,
    dec_ttl,
    dec_mpls_ttl,
    dec_nsh_ttl,
    set,  ///< all field modifications, as written
    queue,
    group,
    output,  ///< from group on, only the first that is there is carried out
    resubmit,
    ct_clear,
    ct,
    none,
};

constexpr Place next(Place p) { return static_cast<Place>(static_cast<int>(p) + 1); }

struct PlaceOf {
    Place operator()(const action::StripVlan&) const { return Place::pop_vlan; }
    Place operator()(const action::PopMpls&) const { return Place::pop_mpls; }
    Place operator()(const action::Decap&) const { return Place::decap; }
    Place operator()(const action::Encap&) const { return Place::encap; }
    Place operator()(const action::DecNshTtl&) const { return Place::dec_nsh_ttl; }
    Place operator()(const action::PushMpls&) const { return Place::push_mpls; }
    Place operator()(const action::PushVlan&) const { return Place::push_vlan; }
    Place operator()(const action::DecTtl&) const { return Place::dec_ttl; }
    Place operator()(const action::DecMplsTtl&) const { return Place::dec_mpls_ttl; }
    Place operator()(const action::SetField&) const { return Place::set; }
    Place operator()(const action::Move&) const { return Place::set; }
    Place operator()(const action::SetVlanVid&) const { return Place::set; }
    Place operator()(const action::SetVlanPcp&) const { return Place::set; }
    Place operator()(const action::SetTpPort&) const { return Place::set; }
    Place operator()(const action::SetMplsLabel&) const { return Place::set; }
    Place operator()(const action::SetMplsTc&) const { return Place::set; }
    Place operator()(const action::SetMplsTtl&) const { return Place::set; }
    Place operator()(const action::SetTunnelId&) const { return Place::set; }
    Place operator()(const action::SetQueue&) const { return Place::queue; }
    Place operator()(const action::Meter&) const { return Place::meter; }
    Place operator()(const action::Group&) const { return Place::group; }
    Place operator()(const action::Output&) const { return Place::output; }
    Place operator()(const action::Resubmit&) const { return Place::resubmit; }
    Place operator()(const action::CtClear&) const { return Place::ct_clear; }
    Place operator()(const action::Ct&) const { return Place::ct; }
    template <class T>
    Place operator()(const T&) const {
        return Place::none;
    }
};

Place place_of(const action::Action& a) { return std::visit(PlaceOf{}, a.v); }

const action::Action* last_at(const action::Actions& written, Place place) {
    const action::Action* found = nullptr;
    for (const auto& a : written)
        if (place_of(a) == place) found = &a;
    return found;
}

}  // namespace

void ActionSet::write(const action::Actions& actions) {
    written_.insert(written_.end(), actions.begin(), actions.end());
}

action::Actions ActionSet::in_order() const {
    const action::Action* end = nullptr;
    for (auto p = Place::group; !end && p < Place::none; p = next(p)) end = last_at(written_, p);
    if (!end) return {};
    action::Actions out;
    for (auto p = Place::meter; p < Place::set; p = next(p))
        if (const auto* a = last_at(written_, p)) out.push_back(*a);
    for (const auto& a : written_)
        if (place_of(a) == Place::set) out.push_back(a);
    if (const auto* a = last_at(written_, Place::queue)) out.push_back(*a);
    out.push_back(*end);
    return out;
}

OfPort ActionSet::output() const {
    const action::Action* a = last_at(written_, Place::output);
    return a && !last_at(written_, Place::group) ? std::get<action::Output>(a->v).port : ofpp::unset;
}

}  // namespace weft::pipeline
