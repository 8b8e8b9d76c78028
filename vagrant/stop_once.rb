require_relative "refused"

module Millrace
  # Lets Vagrant go on, or stops it with one sentence: said once, though every machine asks in a thread of its own.
  module StopOnce
    SAID = Mutex.new
    private_constant :SAID

    module_function

    def pass(env)
      yield
    rescue Refused => e
      say_once(env, e.message)
      raise unless Thread.current[:batch_parallel_action]

      Thread.current[:exit_code] = 1
      Thread.current.terminate
    end

    def say_once(env, sentence)
      return unless Thread.current[:batch_parallel_action]

      SAID.synchronize { @said ||= env.ui.error(sentence) || true }
    end
  end
end
