"""What csai-neural offers to csai, as data; listing it imports no torch."""

from __future__ import annotations

from csai_core import Entry, hookimpl


@hookimpl
def csai_blocks() -> list[Entry]:
    """The blocks of this package."""
    return [
        Entry(
            name="input",
            target="csai_neural.blocks.input:InputBlock",
            summary="Takes observations of any Gymnasium space and turns them into numbers.",
        ),
        Entry(
            name="linear",
            target="csai_neural.blocks.linear:LinearBlock",
            summary="Fully connected layers.",
        ),
        Entry(
            name="conv",
            target="csai_neural.blocks.conv:ConvBlock",
            summary="Convolutions over images, flattened at the end.",
        ),
        Entry(
            name="flatten",
            target="csai_neural.blocks.flatten:FlattenBlock",
            summary="Lays an image or a sequence out as one long vector.",
        ),
        Entry(
            name="join",
            target="csai_neural.blocks.join:JoinBlock",
            summary="Merges several branches by concatenation, sum or product.",
        ),
        Entry(
            name="dict_input",
            target="csai_neural.blocks.dict_input:DictInputBlock",
            summary="Takes a dict of observations, each through a block of its own.",
        ),
        Entry(
            name="recurrent",
            target="csai_neural.blocks.recurrent:RecurrentBlock",
            summary="A GRU or LSTM whose memory the caller keeps.",
            reference="Cho et al. 2014, arXiv:1406.1078; Hochreiter and Schmidhuber 1997",
        ),
        Entry(
            name="attention",
            target="csai_neural.blocks.attention:AttentionBlock",
            summary="A transformer layer over a sequence or a set.",
            reference="Vaswani et al. 2017, arXiv:1706.03762",
        ),
        Entry(
            name="residual",
            target="csai_neural.blocks.residual:ResidualBlock",
            summary="Two layers whose result is added to what came in.",
            reference="He et al. 2016, arXiv:1603.05027",
        ),
        Entry(
            name="embedding",
            target="csai_neural.blocks.embedding:EmbeddingBlock",
            summary="Learns a vector for each of a number of categories.",
        ),
        Entry(
            name="norm",
            target="csai_neural.blocks.norm:NormBlock",
            summary="Layer norm or batch norm.",
            reference="Ba et al. 2016, arXiv:1607.06450; Ioffe and Szegedy 2015, arXiv:1502.03167",
        ),
        Entry(
            name="dropout",
            target="csai_neural.blocks.dropout:DropoutBlock",
            summary="Leaves numbers out at random while training.",
            reference="Srivastava et al. 2014, Journal of Machine Learning Research 15",
        ),
        Entry(
            name="dueling",
            target="csai_neural.blocks.dueling:DuelingBlock",
            summary="Ends a Q-network with a value and the advantage of each action.",
            reference="Wang et al. 2016, arXiv:1511.06581",
        ),
        Entry(
            name="output",
            target="csai_neural.blocks.output:OutputBlock",
            summary="The last layer: one number per action or class.",
        ),
    ]


@hookimpl
def csai_networks() -> list[Entry]:
    """The networks of this package, for `--net` and `network=`."""
    return [
        Entry(
            name="linear",
            target="csai_neural.networks:linear",
            summary="The observations laid out flat, and no layers.",
        ),
        Entry(
            name="mlp",
            target="csai_neural.networks:mlp",
            summary="The observations laid out flat, and two layers of 128.",
        ),
        Entry(
            name="conv",
            target="csai_neural.networks:conv",
            summary="Four 3x3 convolutions with max-pooling, for small images.",
        ),
        Entry(
            name="nature_cnn",
            target="csai_neural.networks:nature_cnn",
            summary="Three strided convolutions and a layer of 512, for large images.",
            reference="Mnih et al. 2015, Nature 518",
        ),
        Entry(
            name="recurrent",
            target="csai_neural.networks:recurrent",
            summary="A body that follows the space, a layer of 128 and an LSTM of 128; it remembers.",
            reference="Hochreiter and Schmidhuber 1997, Neural Computation 9",
        ),
    ]
