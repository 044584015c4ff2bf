using EseErp.Benchmarks;

// Started by the comparison with peers, once for each process of each way; see PeerWorker.
return args is [PeerWorker.Command, var way]
    ? await PeerWorker.Run(way, new Dictionary<string, Func<IPeer>>
    {
        ["wolverine"] = () => new WolverinePeer(batched: false),
        ["wolverine-batched"] = () => new WolverinePeer(batched: true),
        ["rebus"] = () => new RebusPeer(),
        ["marten"] = () => new MartenPeer(),
    })
    : 1;
