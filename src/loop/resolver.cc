// SPDX-License-Identifier: Apache-2.0
#include "loop/resolver.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>

namespace weft::loop {

using boost::asio::ip::tcp;

struct Resolver::Impl {
    explicit Impl(boost::asio::io_context& context) : resolver(context) {}
    tcp::resolver resolver;  // asks on a thread of its own
    std::shared_ptr<bool> alive = std::make_shared<bool>(true);
};

Resolver::Resolver(Loop& loop, const std::string& host,
                   std::move_only_function<void(Result<std::string>)> answered)
    : impl_(std::make_unique<Impl>(loop.context())) {
    impl_->resolver.async_resolve(
        host, "",
        [alive = impl_->alive, host, answered = std::move(answered)](
            const boost::system::error_code& error, const tcp::resolver::results_type& found) mutable {
            if (!*alive) return;
            if (error || found.empty())
                return answered(fail(host + ": no address is known for this name", EHOSTUNREACH));
            answered(found.begin()->endpoint().address().to_string());
        });
}

Resolver::~Resolver() { *impl_->alive = false; }

}  // namespace weft::loop
