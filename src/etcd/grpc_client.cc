// SPDX-License-Identifier: Apache-2.0
// etcd's client over gRPC. The only file that includes gRPC's headers.
#include <grpc/grpc.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>

#include <etcd.grpc.pb.h>
#include "etcd/messages.h"

namespace weft::store::etcd {
namespace {

namespace pb = etcdserverpb;

constexpr int connect_timeout_ms = 2000, reconnect_ms = 200, max_reconnect_ms = 1000, farewell_ms = 500;
constexpr int keepalive_ms = 6000;  ///< etcd hangs up on who asks more often than every 5 s
/// Large values take longer; a member that hangs is found out by the lease's calls.
constexpr int slower_writes = 4;

bool contains(const std::string& text, const char* what) { return text.find(what) != std::string::npos; }

Failure::Kind kind_of(const grpc::Status& status) {
    using Kind = Failure::Kind;
    const std::string& said = status.error_message();
    switch (status.error_code()) {
        case grpc::UNAVAILABLE:
        case grpc::DEADLINE_EXCEEDED:
        case grpc::CANCELLED:
        case grpc::ABORTED:
        case grpc::RESOURCE_EXHAUSTED:  // too many requests; for the other meaning see failed()
            return Kind::unavailable;
        case grpc::OUT_OF_RANGE:
            return contains(said, "compacted") ? Kind::compacted : Kind::refused;
        case grpc::UNAUTHENTICATED:  // the token's time is over: the next try gets another
            return contains(said, "invalid auth token") ? Kind::unavailable : Kind::denied;
        case grpc::PERMISSION_DENIED:
            return Kind::denied;
        case grpc::INVALID_ARGUMENT:
            return contains(said, "user name is empty") || contains(said, "authentication failed")
                       ? Kind::denied
                       : Kind::refused;
        default:
            return Kind::refused;
    }
}

/// Calls under way, so that the end of the client can wait for them. Any thread.
class Calls {
  public:
    void begin(grpc::ClientContext& context) {
        const std::lock_guard lock(mutex_);
        contexts_.insert(&context);
        ++running_;
    }
    /// It cannot be cancelled any more. Its context is destroyed next, and with it a reference to the
    /// channel, so that the client's is the last; then comes end().
    void forget(grpc::ClientContext& context) {
        const std::lock_guard lock(mutex_);
        contexts_.erase(&context);
    }
    void end() {
        const std::lock_guard lock(mutex_);
        if (--running_ == 0) none_left_.notify_all();
    }
    void cancel(grpc::ClientContext* context) {
        const std::lock_guard lock(mutex_);
        if (contexts_.contains(context)) context->TryCancel();
    }
    void cancel_all() {
        const std::lock_guard lock(mutex_);
        for (grpc::ClientContext* context : contexts_) context->TryCancel();
    }
    void cancel_all_and_wait() {
        cancel_all();
        std::unique_lock lock(mutex_);
        none_left_.wait(lock, [&] { return running_ == 0; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable none_left_;
    std::set<grpc::ClientContext*> contexts_;
    size_t running_ = 0;
};

/// Events between a thread of gRPC's and the loop's.
class Arrived {
  public:
    /// True if take() has to be called for it.
    bool add(Watched watched) {
        const std::lock_guard lock(mutex_);
        std::ranges::move(watched.events, std::back_inserter(all_.events));
        return !std::exchange(is_called_, true);
    }
    Watched take() {
        const std::lock_guard lock(mutex_);
        is_called_ = false;
        return std::exchange(all_, {});
    }

  private:
    std::mutex mutex_;
    Watched all_;
    bool is_called_ = false;
};

using OnStatus = std::move_only_function<void(const grpc::Status&)>;

/// A stream that sends one message. It destroys itself after `over`; both calls come on gRPC's threads.
template <class Request, class Response>
class Stream final : public grpc::ClientBidiReactor<Request, Response> {
  public:
    /// False ends the stream.
    using OnResponse = std::move_only_function<bool(const Response&)>;
    Stream(Calls& calls, Request request, OnResponse on_response, OnStatus over)
        : calls_(calls),
          request_(std::move(request)),
          on_response_(std::move(on_response)),
          over_(std::move(over)) {}

    grpc::ClientContext& context() { return context_; }
    void begin() {
        this->StartWrite(&request_);
        this->StartRead(&response_);
        this->StartCall();
    }
    void OnReadDone(bool ok) override {
        if (!ok) return;
        if (on_response_(response_))
            this->StartRead(&response_);
        else
            context_.TryCancel();
    }
    void OnDone(const grpc::Status& status) override {
        over_(status);
        calls_.forget(context_);
        Calls& calls = calls_;
        delete this;
        calls.end();
    }

  private:
    Calls& calls_;
    grpc::ClientContext context_;
    Request request_;
    Response response_;
    OnResponse on_response_;
    OnStatus over_;
};
using WatchStream = Stream<pb::WatchRequest, pb::WatchResponse>;
using KeepStream = Stream<pb::LeaseKeepAliveRequest, pb::LeaseKeepAliveResponse>;

/// The stubs of one channel.
struct Member {
    explicit Member(const std::shared_ptr<grpc::Channel>& channel)
        : kv(pb::KV::NewStub(channel)),
          watch(pb::Watch::NewStub(channel)),
          lease(pb::Lease::NewStub(channel)),
          auth(pb::Auth::NewStub(channel)),
          maintenance(pb::Maintenance::NewStub(channel)) {}
    std::unique_ptr<pb::KV::Stub> kv;
    std::unique_ptr<pb::Watch::Stub> watch;
    std::unique_ptr<pb::Lease::Stub> lease;
    std::unique_ptr<pb::Auth::Stub> auth;
    std::unique_ptr<pb::Maintenance::Stub> maintenance;
};

/// What gRPC does in the background ends with the last of these, which waits for that: at the end of the
/// process it would meet what exit() takes apart.
struct Library {
    Library() { grpc_init(); }
    ~Library() { grpc_shutdown_blocking(); }
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;
};

class GrpcClient final : public Client {
  public:
    explicit GrpcClient(ClientOptions options) : options_(std::move(options)) {
        for (const std::string& one : options_.endpoints) members_.push_back(connect(one));
    }
    ~GrpcClient() override {
        *alive_ = false;
        calls_.cancel_all_and_wait();
        if (lease_ != 0) revoke_lease();
    }

    void range(Range range, Done<RangeOutcome> done) override {
        pb::RangeRequest request;
        request.set_key(range.key);
        request.set_range_end(range.end);
        request.set_revision(range.revision);
        request.set_limit(range.limit);
        call<pb::RangeResponse>(
            std::move(request), [](Member& m, const auto&... args) { m.kv->async()->Range(args...); },
            [](const pb::RangeResponse& response) {
                RangeOutcome out{{}, response.header().revision(), response.more()};
                for (const pb::KeyValue& kv : response.kvs()) out.kvs.push_back(from(kv));
                return out;
            },
            std::move(done));
    }
    void txn(Txn txn, Done<TxnOutcome> done) override {
        call<pb::TxnResponse>(
            to(txn), [](Member& m, const auto&... args) { m.kv->async()->Txn(args...); },
            [](const pb::TxnResponse& response) {
                return TxnOutcome{response.succeeded(), response.header().revision()};
            },
            std::move(done));
    }
    void compact(int64_t revision, Done<> done) override {
        pb::CompactionRequest request;
        request.set_revision(revision);
        call<pb::CompactionResponse>(
            std::move(request), [](Member& m, const auto&... args) { m.kv->async()->Compact(args...); },
            [](const pb::CompactionResponse&) {}, std::move(done));
    }
    void grant_lease(std::chrono::seconds ttl, Done<int64_t> done) override {
        pb::LeaseGrantRequest request;
        request.set_ttl(ttl.count());
        call<pb::LeaseGrantResponse>(
            std::move(request), [](Member& m, const auto&... args) { m.lease->async()->LeaseGrant(args...); },
            [](const pb::LeaseGrantResponse& response) { return response.id(); },
            Done<int64_t>([this, done = std::move(done)](Outcome<int64_t> lease) mutable {
                if (lease) lease_ = *lease;
                done(lease);
            }));
    }
    void keep_lease(int64_t lease, Done<> done) override {
        with_token([this, lease, done = std::move(done)](Outcome<> token) mutable {
            if (!token) return done(token);
            pb::LeaseKeepAliveRequest request;
            request.set_id(lease);
            auto ttl = std::make_shared<int64_t>(-1);
            auto over =
                delivered(std::move(done), [ttl](grpc::Status status) -> std::pair<grpc::Status, bool> {
                    if (*ttl > 0) return {grpc::Status::OK, true};
                    if (*ttl == 0) return {{grpc::NOT_FOUND, "the lease is over"}, true};
                    if (status.ok()) status = {grpc::UNAVAILABLE, "the stream ended"};
                    return {status, true};
                });
            auto* stream = new KeepStream(
                calls_, std::move(request),
                [ttl](const pb::LeaseKeepAliveResponse& response) {
                    *ttl = response.ttl();
                    return false;
                },
                std::move(over));
            prepare(stream->context(), options_.call_timeout);
            member().lease->async()->LeaseKeepAlive(&stream->context(), stream);
            stream->begin();
        });
    }
    void watch(std::string prefix, int64_t revision, OnWatched on_watched) override {
        calls_.cancel(std::exchange(watching_, nullptr));
        const uint64_t number = ++watch_number_;
        with_token([this, number, prefix = std::move(prefix), revision,
                    on_watched = std::move(on_watched)](Outcome<> token) {
            if (number != watch_number_) return;
            if (!token) return on_watched(std::unexpected(token.error()));
            start_watch(number, prefix, revision, on_watched);
        });
    }
    std::string endpoint() const override { return options_.endpoints[at_]; }

  private:
    /// At the end: waits, but not for long.
    void revoke_lease() {
        grpc::ClientContext context;
        pb::LeaseRevokeRequest request;
        pb::LeaseRevokeResponse response;
        request.set_id(lease_);
        if (!token_.empty()) context.AddMetadata("token", token_);
        context.set_deadline(gpr_time_from_millis(farewell_ms, GPR_TIMESPAN));
        std::ignore = member().lease->LeaseRevoke(&context, request, &response);
    }
    std::unique_ptr<Member> connect(const std::string& endpoint) const {
        grpc::ChannelArguments args;
        args.SetMaxReceiveMessageSize(-1);
        args.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
        args.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, reconnect_ms);
        args.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, connect_timeout_ms);
        args.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, max_reconnect_ms);
        args.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, keepalive_ms);
        args.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, connect_timeout_ms);
        const bool is_tls =
            !options_.ca_cert.empty() || !options_.certificate.empty() || !options_.private_key.empty();
        const auto credentials =
            is_tls ? grpc::SslCredentials({options_.ca_cert, options_.private_key, options_.certificate})
                   : grpc::InsecureChannelCredentials();
        return std::make_unique<Member>(grpc::CreateCustomChannel(endpoint, credentials, args));
    }
    Member& member() { return *members_[at_]; }
    /// After a call that had no answer: the others may have one.
    void next_member() {
        at_ = (at_ + 1) % members_.size();
        ++generation_;
        token_.clear();
        calls_.cancel_all();
    }

    void prepare(grpc::ClientContext& context, Duration limit) {
        calls_.begin(context);
        if (!token_.empty()) context.AddMetadata("token", token_);
        context.AddMetadata("hasleader", "true");  // a member that is cut off from the others says so
        if (limit > Duration::zero()) context.set_deadline(gpr_time_from_millis(limit / 1ms, GPR_TIMESPAN));
    }

    /// What is to be called on a thread of gRPC's when a call is over: `done` gets the outcome on the loop's.
    /// `value` makes status and value of gRPC's status.
    template <class T, class Value>
    OnStatus delivered(Done<T> done, Value value) {
        return [this, alive = alive_, generation = generation_, done = std::move(done),
                value = std::move(value)](const grpc::Status& status) mutable {
            options_.post(
                [this, alive, generation, done = std::move(done), result = value(status)]() mutable {
                    if (!*alive) return;
                    if (!result.first.ok()) return failed(result.first, generation, std::move(done));
                    if constexpr (std::is_void_v<T>)
                        done({});
                    else
                        done(std::move(result.second));
                });
        };
    }
    struct Alarms {
        bool no_space = false;
    };
    /// Whether something is exhausted for good is what etcd's alarms say.
    template <class T>
    void failed(const grpc::Status& status, uint64_t generation, Done<T> done) {
        if constexpr (!std::is_same_v<T, Alarms>)
            if (status.error_code() == grpc::RESOURCE_EXHAUSTED)
                return ask_alarms([this, status, generation,
                                   done = std::move(done)](const Outcome<Alarms>& alarms) mutable {
                    const bool is_full =
                        alarms ? alarms->no_space : alarms.error().kind != Failure::Kind::unavailable;
                    done(std::unexpected(is_full ? no_space(endpoint() + ": " + status.error_message())
                                                 : failure(status, generation)));
                });
        done(std::unexpected(failure(status, generation)));
    }
    void ask_alarms(Done<Alarms> done) {
        call<pb::AlarmResponse>(
            pb::AlarmRequest(),
            [](Member& m, const auto&... args) { m.maintenance->async()->Alarm(args...); },
            [](const pb::AlarmResponse& response) {
                return Alarms{std::ranges::any_of(
                    response.alarms(), [](const auto& one) { return one.alarm() == pb::NOSPACE; })};
            },
            std::move(done));
    }
    Failure failure(const grpc::Status& status, uint64_t generation) {
        const Failure::Kind kind = kind_of(status);
        const bool is_silent =
            status.error_code() == grpc::CANCELLED || status.error_code() == grpc::DEADLINE_EXCEEDED;
        Failure out{kind, endpoint() + ": " + (is_silent ? "no answer" : status.error_message())};
        if (kind == Failure::Kind::unavailable && generation == generation_) next_member();
        return out;
    }

    template <class Response, class Request, class Method, class Read, class T>
    void call(Request request, Method method, Read read, Done<T> done) {
        with_token([this, request = std::move(request), method, read,
                    done = std::move(done)](Outcome<> token) mutable {
            if (!token) return done(std::unexpected(token.error()));
            run<Response>(std::move(request), method, read, std::move(done));
        });
    }
    template <class Response, class Request, class Method, class Read, class T>
    void run(Request request, Method method, Read read, Done<T> done) {
        struct Call {
            grpc::ClientContext context;
            Request request;
            Response response;
            OnStatus over;
        };
        constexpr bool writes = std::is_same_v<Request, pb::TxnRequest>;
        auto one = std::make_shared<Call>();
        one->request = std::move(request);
        one->over = delivered(std::move(done), [one = one.get(), read](const grpc::Status& status) {
            if constexpr (std::is_void_v<T>)
                return (read(one->response), std::pair(status, true));
            else
                return std::pair(status, status.ok() ? read(one->response) : T{});
        });
        prepare(one->context, writes ? options_.call_timeout * slower_writes : options_.call_timeout);
        method(member(), &one->context, &one->request, &one->response,
               [this, one](const grpc::Status& status) mutable {
                   one->over(status);
                   calls_.forget(one->context);
                   one.reset();
                   calls_.end();
               });
    }

    void start_watch(uint64_t number, const std::string& prefix, int64_t revision,
                     const OnWatched& on_watched) {
        pb::WatchRequest request;
        pb::WatchCreateRequest* create = request.mutable_create_request();
        create->set_key(prefix);
        create->set_range_end(prefix_end(prefix));
        create->set_start_revision(revision);
        // What comes while the loop is busy is told as one.
        auto arrived = std::make_shared<Arrived>();
        const auto tell = [this, alive = alive_, number, on_watched, arrived](Watched watched) {
            if (!arrived->add(std::move(watched))) return;
            options_.post([this, alive, number, on_watched, arrived] {
                Watched all = arrived->take();
                if (*alive && number == watch_number_) on_watched(std::move(all));
            });
        };
        const auto fail = [this, alive = alive_, number, on_watched](const Failure& failure) {
            options_.post([this, alive, number, on_watched, failure] {
                if (*alive && number == watch_number_) on_watched(std::unexpected(failure));
            });
        };
        auto* stream = new WatchStream(
            calls_, std::move(request),
            [tell, fail](const pb::WatchResponse& response) {
                auto watched = from(response);
                if (watched)
                    tell(std::move(*watched));
                else
                    fail(watched.error());
                return watched.has_value();
            },
            [this, alive = alive_, number, on_watched, generation = generation_](const grpc::Status& status) {
                options_.post([=, this] {
                    if (!*alive || number != watch_number_) return;
                    watching_ = nullptr;
                    const Failure why =
                        failure(status.ok() ? grpc::Status(grpc::UNAVAILABLE, "the watch ended") : status,
                                generation);
                    on_watched(std::unexpected(why));
                });
            });
        watching_ = &stream->context();
        prepare(*watching_, Duration::zero());
        member().watch->async()->Watch(watching_, stream);
        stream->begin();
    }

    /// Calls at once if there is a token or none is needed.
    void with_token(Done<> then) {
        if (options_.user.empty() || !token_.empty()) return then({});
        waiting_.push_back(std::move(then));
        if (waiting_.size() > 1) return;
        pb::AuthenticateRequest request;
        request.set_name(options_.user);
        request.set_password(options_.password);
        run<pb::AuthenticateResponse>(
            std::move(request),
            [](Member& m, const auto&... args) { m.auth->async()->Authenticate(args...); },
            [](const pb::AuthenticateResponse& response) { return response.token(); },
            Done<std::string>([this](Outcome<std::string> token) {
                if (token) token_ = *token;
                const Outcome<> outcome = token ? Outcome<>() : std::unexpected(token.error());
                for (auto& one : std::exchange(waiting_, {})) one(outcome);
            }));
    }

    Library library_;
    ClientOptions options_;
    Calls calls_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< for the loop's thread only
    size_t at_ = 0;                                               ///< the endpoint
    uint64_t generation_ = 0;                                     ///< how often the member was changed
    std::vector<std::unique_ptr<Member>> members_;  ///< as the endpoints; each connects when used
    std::string token_;
    int64_t lease_ = 0;            ///< the last one granted
    std::vector<Done<>> waiting_;  ///< for the token
    uint64_t watch_number_ = 0;
    grpc::ClientContext* watching_ = nullptr;
};

}  // namespace
}  // namespace weft::store::etcd

extern "C" __attribute__((visibility("default"))) weft::store::etcd::Client* weft_etcd_client(
    weft::store::etcd::ClientOptions* options) {
    return new weft::store::etcd::GrpcClient(std::move(*options));
}
