// SPDX-License-Identifier: Apache-2.0
#include "dp/user/poll_thread.h"

#include <algorithm>

#include "obs/log.h"
#include "sys/thread.h"

namespace weft::dp {
namespace {

constexpr uint64_t wake_token = ~uint64_t{0};
constexpr auto idle_wait = 1000ms;
/// Rounds over active ports between two looks at the others.
constexpr unsigned rounds_per_look = 8;
/// A port whose packets need translation gets this many per round while others have packets too, so that they
/// are not held up by it. Whether they have is looked at in each such round.
constexpr uint32_t misses_per_round = 8;

}  // namespace

Result<std::unique_ptr<PollThread>> PollThread::start(Shared& shared, const loop::Clock& clock,
                                                      Options options) {
    auto poll = TRY(sys::PollSet::open());
    auto event = TRY(sys::Event::open());
    TRY(poll.add(event.fd(), wake_token));
    std::unique_ptr<PollThread> out(
        new PollThread(shared, clock, std::move(options), std::move(poll), std::move(event)));
    out->thread_ = std::thread([p = out.get()] { p->run(); });
    return out;
}

PollThread::PollThread(Shared& shared, const loop::Clock& clock, Options options, sys::PollSet poll,
                       sys::Event event)
    : clock_(clock),
      upcall_latency_(shared.upcall_latency),
      options_(std::move(options)),
      poll_(std::move(poll)),
      wake_up_(std::move(event)),
      ports_(shared.domain, std::make_unique<const Ports>()),
      reader_(shared.domain),
      engine_(shared, options_.seed) {}

PollThread::~PollThread() {
    stop_.store(true, std::memory_order_relaxed);
    wake();
    if (thread_.joinable()) thread_.join();
}

void PollThread::add(std::shared_ptr<Port> port) {
    Ports next = ports_.current();
    next.push_back(port);
    ports_.publish(std::make_unique<const Ports>(std::move(next)));
    if (port->wait_fd() >= 0) (void)poll_.add(port->wait_fd(), port->number().value);
}

void PollThread::remove(DpPort number) {
    Ports next = ports_.current();
    const auto it = std::ranges::find(next, number, &Port::number);
    if (it == next.end()) return;
    if ((*it)->wait_fd() >= 0) poll_.remove((*it)->wait_fd());
    next.erase(it);
    ports_.publish(std::make_unique<const Ports>(std::move(next)));
}

void PollThread::run() {
    sys::set_thread_name(options_.name);
    obs::set_thread_name(options_.name);
    if (options_.core) (void)sys::pin_to_core(*options_.core);
    for (unsigned round = 0; !stop_.load(std::memory_order_relaxed); ++round) {
        if (active_.empty() || translated_ || round % rounds_per_look == 0) look_for_events(active_.empty());
        poll_active();
    }
}

void PollThread::look_for_events(bool wait) {
    for (const uint64_t token : poll_.wait(wait ? idle_wait : 0ms)) {
        if (token == wake_token) {
            wake_up_.drain();
            continue;
        }
        const DpPort port{static_cast<uint32_t>(token)};
        if (std::ranges::find(active_, port, &Active::port) == active_.end()) active_.push_back({port});
    }
}

void PollThread::poll_active() {
    if (active_.empty()) return;
    const auto pin = reader_.pin();
    round_began_ = clock_.now();
    engine_.begin(pin, round_began_);
    const Ports& ports = ports_.read(pin);
    translated_ = false;
    std::erase_if(active_, [&](Active& a) {
        const auto it = std::ranges::find(ports, a.port, &Port::number);
        return it == ports.end() || !poll_port(**it, a);
    });
}

bool PollThread::poll_port(Port& port, Active& active) {
    port.receive(batch_, active.allowance);
    if (batch_.empty()) {
        if (active.is_new) port.clear_error();
        return false;
    }
    active.is_new = false;
    uint64_t bytes = 0;
    for (const packet::Packet& p : batch_) bytes += p.size();
    port.count_received(batch_.size(), bytes);
    const uint32_t misses = engine_.process(batch_.packets(), port.number());
    engine_.flush();
    if (misses) upcall_latency_.observe(clock_.now() - round_began_, misses);
    batch_.clear();
    port.release();
    const bool many = misses >= misses_per_round;
    translated_ = translated_ || many;
    active.allowance = many && active_.size() > 1 ? misses_per_round : packet::Batch::capacity;
    return true;
}

}  // namespace weft::dp
