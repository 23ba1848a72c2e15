export function scriptedBroker() {
    const published = [];
    let subscribed;
    const unused = () => {
        throw new Error("not used here");
    };
    return {
        published,
        before: () => { },
        async publish(messages) {
            await this.before(messages);
            published.push(...messages);
        },
        async subscribe(options) {
            subscribed = options;
            return {
                async close() {
                    subscribed = undefined;
                },
            };
        },
        deliver(message, signal = new AbortController().signal) {
            if (subscribed === undefined)
                throw new Error("nobody has subscribed");
            const { topic } = subscribed;
            const whole = { topic, key: "k", id: "m1", payload: new Uint8Array(), headers: {}, attempt: 1, publishedAt: 0, ...message };
            return subscribed.handle(whole, signal);
        },
        get subscribed() {
            return subscribed;
        },
        deadLetters: unused,
        redrive: unused,
        close: async () => { },
    };
}
//# sourceMappingURL=broker.fixture.js.map