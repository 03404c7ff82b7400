// SPDX-License-Identifier: Apache-2.0
// The state of one translation. Internal to pipeline: actions/ and NORMAL work on it; users call translate().
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "action/action.h"
#include "flow/flow_view.h"
#include "pipeline/action_set.h"
#include "pipeline/commit.h"
#include "pipeline/frozen.h"
#include "pipeline/translate.h"

namespace weft::pipeline {

/// What a packet-in is for, beyond the state of the translation.
struct ToController {
    Reason reason = Reason::action;
    uint16_t max_len = 0xffff, controller_id = 0;
    std::span<const uint8_t> userdata{};
    uint32_t meter = 0;  ///< 0: the controllers' own, if there is one
};

/// Resource type, lives as long as the call of translate(). Not thread-safe.
///
/// Two images of the packet: the view's key is what the rules made of it, `base` what the datapath actions so
/// far have made of it. Actions change the first only; commit() brings the second up to it just before the
/// packet goes somewhere. Both start as the packet. Reading goes through the view, which un-wildcards.
class Translator {
  public:
    Translator(const Snapshot& snapshot, const Request& request, Translation& out);

    void run();

    // ---- the packet ----
    flow::FlowView& key() { return view_; }
    template <class T>
    T read(T flow::PacketBlock::* member) {
        return view_.read(member);
    }
    /// Whether the packet has such a header; un-wildcards what tells.
    bool holds(flow::Prereq prereq);
    bool is_ip();
    /// Writes the field if the packet has it; OpenFlow treats an action that does not fit as none.
    void write_field(flow::Subfield dst, const flow::FieldValue& value);
    flow::FieldValue read_field(flow::Subfield src);

    // ---- control flow ----
    void execute(std::span<const action::Action> actions);
    /// `in_port` counts for the lookup only.
    void resubmit(OfPort in_port, uint8_t table);
    void goto_table(uint8_t table);
    /// Runs `body`, then puts packet, stack and action set back as they were. An exit in it holds outside
    /// too.
    void in_clone(const std::function<void()>& body);
    /// Puts the datapath actions that `body` makes into a clone of the datapath, unless nothing follows.
    void in_datapath_clone(const std::function<void()>& body);
    /// What follows the action being executed in its list, once for longer packets and once for the others,
    /// each with `dst` written accordingly; the list ends with that.
    void branch_on_length(const action::CheckPktLarger& a);
    /// As a bucket of a group: an action set of its own, and what it exits is only itself. `is_last`: of
    /// those that the group has the packet go through.
    void bucket(const action::Bucket& bucket, bool is_last);
    GroupPtr find_group(uint32_t id) const { return bridge_->tables->groups().find(id, snapshot_.version()); }
    void exit() { exit_ = true; }
    /// Leaves the rest of the innermost list out; what called it goes on.
    void end_list() { list_ended_ = true; }
    /// Ends the translation without output; the reason is counted.
    void fail(Drop why, std::string text);
    bool stopped() const { return exit_ || error_ != Drop::none || freeze_ != Freeze::no; }
    /// False, and the translation fails, if tables or groups lead too deep.
    bool may_go_deeper();
    bool enter(OfPort in_port, uint8_t table);

    // ---- recirculation (freeze.cc) ----
    enum class Resume : uint8_t { with_this, after_this };  ///< with the action being executed, or behind it
    /// What is left of the translation waits until the datapath brings the packet back.
    void freeze(Resume from);
    /// The same, and the datapath hashes the packet on the way.
    void freeze_for_hash(const action::dp::Hash& hash) {
        hash_ = hash;
        freeze(Resume::with_this);
    }
    /// The same, until a controller resumes it.
    void pause(const ToController& what) {
        pause_ = what;
        freeze(Resume::after_this);
    }
    /// The datapath's hash of the packet is in the key.
    bool is_hashed() const { return hashed_; }
    Be32 original_priority() const { return original_priority_; }
    /// Why the packet was not sent somewhere; the first reason stands if nothing is sent at all.
    void refuse(Drop why, std::string text);

    // ---- output ----
    void output(OfPort port, uint16_t max_len);
    /// To one port, without the rule that a packet does not leave where it came in.
    void send(OfPort port, uint32_t truncate_to = 0);
    void flood(bool all);
    void normal();
    /// `continuation`: the state that the controller may resume.
    void to_controller(const ToController& what, Bytes continuation = {});
    /// Brings the datapath's packet up to date.
    void commit();
    /// After popping the last MPLS label nothing is known of what is below: reading that needs recirculation.
    void hide_inner() { inner_unknown_ = true; }
    /// False if what is below is not known: the action being executed waits for recirculation.
    bool inner_known();

    // ---- state that actions work on ----
    std::vector<flow::FieldValue>& stack() { return stack_; }
    ActionSet& action_set() { return action_set_; }
    uint8_t table() const { return table_; }
    uint64_t cookie() const { return rule_ ? rule_->cookie() : thawed_cookie_; }
    const RulePtr& rule() const { return rule_; }
    const Bridge& bridge() const { return *bridge_; }
    const Snapshot& snapshot() const { return snapshot_; }
    const Request& request() const { return request_; }
    flow::FlowKey& base() { return base_; }
    bool is_ethernet() { return !read(&flow::PacketBlock::packet_type).host(); }
    /// The next commit puts an Ethernet header in front, or takes it away; what follows it stays in sight.
    void change_ethernet(NewHeaders::Pending how, uint32_t packet_type);
    /// The next commit puts a header in front that hides all others.
    void push_header(NewHeaders::Pending how, const flow::PacketBlock& headers, Bytes md2 = {});
    /// The action takes a header away under which nothing is known yet: the rest waits for recirculation.
    void pop_header(const action::dp::Action& pop, uint32_t packet_type);
    Translation& out() { return out_; }
    bool in_action_set() const { return in_action_set_; }

    // ---- the record ----
    void effect(Effect e) { out_.effects.push_back(std::move(e)); }
    static TableKey table_key(const flow::FlowView& view);
    void did_read(const Read& r) { out_.reads.push_back(r); }
    void add(action::dp::Action a) { out_.actions.push_back(std::move(a)); }
    bool tracing() const { return trace_; }
    /// `text` is called only when somebody listens.
    template <class Text>
    void tell(obs::TraceKind kind, Text&& text) {
        if (trace_) trace_->add(kind, text());
    }
    void detail(const char* text) {
        tell(obs::TraceKind::detail, [&] { return std::string(text); });
    }
    void warn(const char* text) {
        tell(obs::TraceKind::warning, [&] { return std::string(text); });
    }
    bool planted(Plant p) const { return request_.plant == p; }

  private:
    struct Saved;
    enum class OnMiss : uint8_t { drop, as_table_says };
    /// What execute() does about a freeze that an action asked for; outside: lists around it are to be kept.
    enum class Freeze : uint8_t { no, with_this, instead_of_this, after_this, outside };

    Saved save();
    void restore(Saved&& saved);
    bool may_receive(OfPort in_port);
    void run_action_set();
    void look_up_and_run(OfPort in_port, uint8_t table, OnMiss on_miss);
    void descend(OfPort in_port, uint8_t table, OnMiss on_miss);
    RulePtr look_up(OfPort in_port, OnMiss on_miss);
    RulePtr look_up_in(uint8_t table);
    std::string told_lookup(const Rule* rule) const;
    std::string told_action(const action::Action& a) const;
    RulePtr missed(OfPort in_port, bool to_controllers);
    void run_rule(const RulePtr& rule);
    void resume(const Frozen& frozen);
    void restore(const Frozen& frozen);
    void tell_thaw(const Frozen& frozen);
    Frozen state();
    void keep_overwritten(Frozen& out);
    void keep_rest(std::span<const action::Action> rest);
    void end_stretch();
    void in_stretch(const std::function<void()>& body);
    static void unwrap_last(action::dp::Actions& actions);
    void send_to_patch(const Port& port);
    bool both_protected(const Port& out) const;
    void note_output(OfPort port);
    /// If the packet goes nowhere from here on, this is why.
    void note_lookup(const RulePtr& rule);
    void note_site();
    /// The datapath actions that `body` makes; the datapath's packet is as before then.
    action::dp::Actions made_by(const std::function<void()>& body);
    /// A packet sent up, within the rate of an OpenFlow meter.
    void add_metered(uint32_t meter, action::dp::Userspace punt);
    void enter_bridge(const Bridge& bridge, const Port& port);
    void finish();

    const Snapshot& snapshot_;
    const Request& request_;
    Translation& out_;
    const flow::FlowKey& packet_;

    flow::FlowView view_;
    flow::FlowKey base_;
    NewHeaders headers_;
    const Bridge* bridge_ = nullptr;
    RulePtr rule_;
    uint8_t table_ = 0;
    int depth_ = 0, resubmits_ = 0;
    /// A lookup in the same or an earlier table that is under way.
    struct Ancestor {
        uint64_t digest;  ///< of the packet's key: most that differ do so here
        BridgeId bridge;
        OfPort in_port;
        uint8_t table;
        bool inner_unknown;
        unsigned n_committed;
        bool operator==(const Ancestor&) const = default;
    };
    /// The packet as it was then.
    struct Before {
        flow::FlowKey key;
        std::vector<flow::FieldValue> stack;
    };
    std::vector<Ancestor> ancestors_;
    std::vector<Before> before_;  ///< of each ancestor
    std::vector<flow::FieldValue> stack_;
    ActionSet action_set_;
    std::span<const action::Action> rest_;  ///< of the list, behind the action being executed
    bool more_ = false;  ///< something may follow the action being executed, in its list or one further out
    bool list_ended_ = false;
    bool may_execute_ = true;  ///< false: the port takes no packets, so its rule only counts
    bool exit_ = false, in_action_set_ = false, in_packet_out_ = false, in_group_ = false;
    bool inner_unknown_ = false;  ///< the last MPLS label was popped
    bool sent_ = false;           ///< the packet went somewhere
    Drop error_ = Drop::none, refused_ = Drop::none;
    Drop looked_up_ = Drop::of_pipeline;  ///< what the last lookup means for a packet that goes nowhere
    DropSite looked_up_at_;
    Freeze freeze_ = Freeze::no;
    std::vector<Frozen::Frame> frames_;  ///< lists left so far, innermost first
    std::optional<action::dp::Hash> hash_;
    std::optional<ToController> pause_;
    bool hashed_ = false, thawed_ = false;
    uint64_t thawed_cookie_ = ~uint64_t{0};
    Be32 original_priority_;
    bool priority_kept_ = false;              ///< it is not the packet's own any more
    obs::TraceNode* trace_;                   ///< the line that is being told; null: nobody listens
    obs::TraceNode* trace_parent_ = nullptr;  ///< holds the line of the action being executed
};

/// How many MPLS labels the packet has, as far as the key shows; un-wildcards what tells. In actions/mpls.cc.
int count_labels(Translator& t);

// Each in a file of its own under actions/.
void apply(const action::Output& a, Translator& t);
void apply(const action::OutputReg& a, Translator& t);
void apply(const action::OutputTrunc& a, Translator& t);
void apply(const action::Controller& a, Translator& t);
void apply(const action::SetField& a, Translator& t);
void apply(const action::Move& a, Translator& t);
void apply(const action::PushVlan& a, Translator& t);
void apply(const action::StripVlan& a, Translator& t);
void apply(const action::SetVlanVid& a, Translator& t);
void apply(const action::SetVlanPcp& a, Translator& t);
void apply(const action::SetTpPort& a, Translator& t);
void apply(const action::PushMpls& a, Translator& t);
void apply(const action::PopMpls& a, Translator& t);
void apply(const action::SetMplsLabel& a, Translator& t);
void apply(const action::SetMplsTc& a, Translator& t);
void apply(const action::SetMplsTtl& a, Translator& t);
void apply(const action::DecMplsTtl& a, Translator& t);
void apply(const action::DecTtl& a, Translator& t);
void apply(const action::StackPush& a, Translator& t);
void apply(const action::StackPop& a, Translator& t);
void apply(const action::Resubmit& a, Translator& t);
void apply(const action::Learn& a, Translator& t);
void apply(const action::Note& a, Translator& t);
void apply(const action::FinTimeout& a, Translator& t);
void apply(const action::Conjunction& a, Translator& t);
void apply(const action::Exit& a, Translator& t);
void apply(const action::Clone& a, Translator& t);
void apply(const action::SetTunnelId& a, Translator& t);
void apply(const action::SetQueue& a, Translator& t);
void apply(const action::PopQueue& a, Translator& t);
void apply(const action::Enqueue& a, Translator& t);
void apply(const action::Group& a, Translator& t);
void apply(const action::Meter& a, Translator& t);
void apply(const action::Multipath& a, Translator& t);
void apply(const action::Bundle& a, Translator& t);
void apply(const action::Sample& a, Translator& t);
void apply(const action::CheckPktLarger& a, Translator& t);
void apply(const action::DeleteField& a, Translator& t);
void apply(const action::Ct& a, Translator& t);
void apply(const action::Nat& a, Translator& t);
void apply(const action::CtClear& a, Translator& t);
void apply(const action::Encap& a, Translator& t);
void apply(const action::Decap& a, Translator& t);
void apply(const action::DecNshTtl& a, Translator& t);
void apply(const action::WriteActions& a, Translator& t);
void apply(const action::ClearActions& a, Translator& t);
void apply(const action::WriteMetadata& a, Translator& t);
void apply(const action::GotoTable& a, Translator& t);

}  // namespace weft::pipeline
