// Neural networks from 1943 on, in four threads; one event at a time is told, with its source.

export const defaults = { thread: "all", event: "rosenblatt1958perceptron" };

const LAYOUT = `
.dla .dla-event { border-left: 4px solid var(--dla-data); display: flex; flex-direction: column; gap: 5px; min-height: 168px; }
.dla .dla-event > .dla-year { font-size: 15px; font-weight: 650; }
.dla .dla-event > .dla-corrected { border-left: 3px solid var(--dla-error); padding-left: 9px; font-size: 13px; }
.dla a { color: var(--dla-data); text-decoration: underline; overflow-wrap: anywhere; }
.dla .dla-events :is(th, td) { text-align: left; white-space: normal; vertical-align: top; }
.dla .dla-events tr[aria-current="true"] :is(th, td) { background: var(--dla-panel); }
`;

const THREADS = { perceptrons: "Perceptrons and learning", convolution: "Convolution", sequences: "Sequences", generative: "Generative" };

// `year` is when it was first made public; `source` gives the publication. `corrected` says what a lecture has otherwise.
const EVENTS = [
  {
    key: "mcculloch1943logical", year: 1943, thread: "perceptrons", who: "Warren McCulloch, Walter Pitts", title: "The artificial neuron",
    what: "A neuron becomes a unit that fires when enough of its inputs do, and networks of such units can compute any expression of propositional logic.",
    source: "McCulloch and Pitts (1943), A Logical Calculus of the Ideas Immanent in Nervous Activity", link: "https://doi.org/10.1007/BF02478259",
  },
  {
    key: "mccarthy2006proposal", year: 1956, thread: "perceptrons", who: "John McCarthy, Marvin Minsky, Nathaniel Rochester, Claude Shannon", title: "The Dartmouth workshop",
    what: "A summer workshop gives the field its name, artificial intelligence; the name stands in the proposal of 1955.",
    corrected: "A lecture writes Lee Marvin Minsky: he is Marvin Lee Minsky.",
    source: "McCarthy, Minsky, Rochester and Shannon (1955), reprinted 2006, A Proposal for the Dartmouth Summer Research Project on Artificial Intelligence", link: "https://doi.org/10.1609/aimag.v27i4.1904",
  },
  {
    key: "rosenblatt1958perceptron", year: 1958, thread: "perceptrons", who: "Frank Rosenblatt", title: "The perceptron",
    what: "A threshold unit learns its weights from labelled examples, by correcting itself after each mistake.",
    corrected: "A lecture credits him with the network with a hidden layer: his perceptron trains a single layer of threshold units.",
    source: "Rosenblatt (1958), The Perceptron: A Probabilistic Model for Information Storage and Organization in the Brain", link: "https://doi.org/10.1037/h0042519",
  },
  {
    key: "hubel1962receptive", year: 1962, thread: "convolution", who: "David Hubel, Torsten Wiesel", title: "Receptive fields of the visual cortex",
    what: "Cells of the cat's visual cortex answer to edges in a small part of the field of view; simple cells, they propose, feed complex ones, which tolerate small shifts.",
    source: "Hubel and Wiesel (1962), Receptive Fields, Binocular Interaction and Functional Architecture in the Cat's Visual Cortex", link: "https://doi.org/10.1113/jphysiol.1962.sp006837",
  },
  {
    key: "novikoff1962convergence", year: 1962, thread: "perceptrons", who: "Albert Novikoff", title: "The perceptron converges",
    what: "Where a line separates the classes with margin γ, the perceptron makes at most (R/γ)² mistakes.",
    corrected: "A lecture leaves the condition out: without separable classes the updates never end.",
    source: "Novikoff (1962), On Convergence Proofs on Perceptrons",
  },
  {
    key: "minsky1969perceptrons", year: 1969, thread: "perceptrons", who: "Marvin Minsky, Seymour Papert", title: "What a perceptron cannot do",
    what: "A book proves limits of perceptrons whose fixed features each see few inputs: parity, of which XOR is the smallest case, is out of their reach.",
    source: "Minsky and Papert (1969), Perceptrons: An Introduction to Computational Geometry", link: "https://doi.org/10.7551/mitpress/11301.001.0001",
  },
  {
    key: "linnainmaa1970representation", year: 1970, thread: "perceptrons", who: "Seppo Linnainmaa", title: "Reverse accumulation",
    what: "A master's thesis on rounding errors contains the reverse mode of automatic differentiation, the algorithm inside back-propagation.",
    source: "Linnainmaa (1970), The Representation of the Cumulative Rounding Error of an Algorithm as a Taylor Expansion of the Local Rounding Errors",
  },
  {
    key: "werbos1974beyond", year: 1974, thread: "perceptrons", who: "Paul Werbos", title: "Derivatives, backwards",
    what: "A doctoral thesis computes derivatives backwards through an ordered system of equations; in 1982 its author applies this to neural networks.",
    source: "Werbos (1974), Beyond Regression: New Tools for Prediction and Analysis in the Behavioral Sciences",
  },
  {
    key: "fukushima1980neocognitron", year: 1980, thread: "convolution", who: "Kunihiko Fukushima", title: "The neocognitron",
    what: "Layers of shared local feature detectors alternate with layers that tolerate shifts; it learns without labels and without back-propagation.",
    source: "Fukushima (1980), Neocognitron: A Self-Organizing Neural Network Model for a Mechanism of Pattern Recognition Unaffected by Shift in Position", link: "https://doi.org/10.1007/BF00344251",
  },
  {
    key: "lecun1985procedure", year: 1985, thread: "perceptrons", who: "Yann LeCun", title: "A procedure for layered networks",
    what: "A learning procedure for networks with hidden layers, close to back-propagation, is published in French.",
    corrected: "A lecture gives LeCun (1986) as the origin of back-propagation: Linnainmaa and Werbos came before, and this paper is of 1985.",
    source: "Le Cun (1985), Une procédure d'apprentissage pour réseau à seuil asymétrique",
  },
  {
    key: "rumelhart1986learning", year: 1986, thread: "perceptrons", who: "David Rumelhart, Geoffrey Hinton, Ronald Williams", title: "Back-propagation becomes known",
    what: "Hidden units trained by back-propagated errors come to represent features that nobody designed.",
    corrected: "A lecture lets back-propagation find a local minimum: it computes gradients, and promises no convergence.",
    source: "Rumelhart, Hinton and Williams (1986), Learning Representations by Back-Propagating Errors", link: "https://doi.org/10.1038/323533a0",
  },
  {
    key: "bourlard1988auto", year: 1988, thread: "generative", who: "Hervé Bourlard, Yves Kamp", title: "The linear autoencoder",
    what: "A network that reproduces its input through a narrow linear layer can do no better than the singular value decomposition.",
    corrected: "A lecture equates a narrow code with a sparse one: these are two different constraints.",
    source: "Bourlard and Kamp (1988), Auto-Association by Multilayer Perceptrons and Singular Value Decomposition", link: "https://doi.org/10.1007/BF00332918",
  },
  {
    key: "cybenko1989approximation", year: 1989, thread: "perceptrons", who: "George Cybenko", title: "Universal approximation",
    what: "One hidden layer of sigmoid units approximates every continuous function on the unit cube as closely as one likes.",
    corrected: "A lecture swaps the quantifiers: the number of units depends on the function as well as on the error.",
    source: "Cybenko (1989), Approximation by Superpositions of a Sigmoidal Function", link: "https://doi.org/10.1007/BF02551274",
  },
  {
    key: "lecun1989backpropagation", year: 1989, thread: "convolution", who: "Yann LeCun and others", title: "Convolution learned by back-propagation",
    what: "A network with shared local weights, trained by back-propagation, reads handwritten digits of zip codes.",
    corrected: "A lecture dates convolutional networks to 1998: this one is nine years older.",
    source: "LeCun, Boser, Denker, Henderson, Howard, Hubbard and Jackel (1989), Backpropagation Applied to Handwritten Zip Code Recognition", link: "https://doi.org/10.1162/neco.1989.1.4.541",
  },
  {
    key: "waibel1989phoneme", year: 1989, thread: "sequences", who: "Alexander Waibel and others", title: "Time-delay neural networks",
    what: "Weights shared over time, a convolution in one dimension, recognise phonemes wherever they begin.",
    source: "Waibel, Hanazawa, Hinton, Shikano and Lang (1989), Phoneme Recognition Using Time-Delay Neural Networks", link: "https://doi.org/10.1109/29.21701",
  },
  {
    key: "hornik1991approximation", year: 1991, thread: "perceptrons", who: "Kurt Hornik", title: "The sigmoid is not essential",
    what: "Universal approximation holds for every activation that is continuous, bounded and not constant.",
    corrected: "A lecture asks for a strictly increasing activation: that suffices, but is not needed.",
    source: "Hornik (1991), Approximation Capabilities of Multilayer Feedforward Networks", link: "https://doi.org/10.1016/0893-6080(91)90009-T",
  },
  {
    key: "hochreiter1991untersuchungen", year: 1991, thread: "sequences", who: "Sepp Hochreiter", title: "The vanishing gradient",
    what: "A diploma thesis shows that errors carried back through many time steps shrink or grow exponentially.",
    source: "Hochreiter (1991), Untersuchungen zu dynamischen neuronalen Netzen",
  },
  {
    key: "leshno1993multilayer", year: 1993, thread: "perceptrons", who: "Moshe Leshno, Vladimir Lin, Allan Pinkus, Shimon Schocken", title: "All but polynomials",
    what: "One hidden layer approximates every continuous function exactly when its activation, continuous or nearly so, is not a polynomial: ReLU will do.",
    source: "Leshno, Lin, Pinkus and Schocken (1993), Multilayer Feedforward Networks with a Nonpolynomial Activation Function Can Approximate Any Function", link: "https://doi.org/10.1016/S0893-6080(05)80131-5",
  },
  {
    key: "bengio1994learning", year: 1994, thread: "sequences", who: "Yoshua Bengio, Patrice Simard, Paolo Frasconi", title: "Long memories are hard to learn",
    what: "A recurrent network that keeps information robustly has gradients that vanish over time.",
    source: "Bengio, Simard and Frasconi (1994), Learning Long-Term Dependencies with Gradient Descent Is Difficult", link: "https://doi.org/10.1109/72.279181",
  },
  {
    key: "hochreiter1997long", year: 1997, thread: "sequences", who: "Sepp Hochreiter, Jürgen Schmidhuber", title: "LSTM",
    what: "Gates around a memory cell whose error flows back unchanged bridge more than a thousand time steps.",
    corrected: "A lecture gives this LSTM a forget gate: that came in 2000.",
    source: "Hochreiter and Schmidhuber (1997), Long Short-Term Memory", link: "https://doi.org/10.1162/neco.1997.9.8.1735",
  },
  {
    key: "lecun1998gradient", year: 1998, thread: "convolution", who: "Yann LeCun, Léon Bottou, Yoshua Bengio, Patrick Haffner", title: "LeNet-5 and MNIST",
    what: "A convolutional network for documents is compared with other methods on 28 × 28 digits, MNIST, and reads cheques in banks.",
    corrected: "A lecture gives MNIST images 32 × 32 pixels: LeNet-5 pads the 28 × 28 ones.",
    source: "LeCun, Bottou, Bengio and Haffner (1998), Gradient-Based Learning Applied to Document Recognition", link: "https://doi.org/10.1109/5.726791",
  },
  {
    key: "gers2000learning", year: 2000, thread: "sequences", who: "Felix Gers, Jürgen Schmidhuber, Fred Cummins", title: "The forget gate",
    what: "A further gate lets an LSTM cell reset itself, so that it can work on endless streams.",
    source: "Gers, Schmidhuber and Cummins (2000), Learning to Forget: Continual Prediction with LSTM", link: "https://doi.org/10.1162/089976600300015015",
  },
  {
    key: "vincent2008extracting", year: 2008, thread: "generative", who: "Pascal Vincent and others", title: "Denoising autoencoders",
    what: "An autoencoder that must restore the clean input from a corrupted one learns useful features.",
    source: "Vincent, Larochelle, Bengio and Manzagol (2008), Extracting and Composing Robust Features with Denoising Autoencoders", link: "https://doi.org/10.1145/1390156.1390294",
  },
  {
    key: "nair2010rectified", year: 2010, thread: "perceptrons", who: "Vinod Nair, Geoffrey Hinton", title: "Rectified linear units",
    what: "Units that pass what is positive and stop the rest improve restricted Boltzmann machines, and soon most networks.",
    source: "Nair and Hinton (2010), Rectified Linear Units Improve Restricted Boltzmann Machines",
  },
  {
    key: "hinton2012improving", year: 2012, thread: "perceptrons", who: "Geoffrey Hinton and others", title: "Dropout",
    what: "Units dropped at random in training keep the others from relying on them; the whole network then predicts.",
    corrected: "A lecture drops weights: dropout drops units, and rescales either in training or in prediction.",
    source: "Hinton, Srivastava, Krizhevsky, Sutskever and Salakhutdinov (2012), Improving Neural Networks by Preventing Co-Adaptation of Feature Detectors", link: "https://arxiv.org/abs/1207.0580",
  },
  {
    key: "krizhevsky2012imagenet", year: 2012, thread: "convolution", who: "Alex Krizhevsky, Ilya Sutskever, Geoffrey Hinton", title: "AlexNet",
    what: "A deep convolutional network trained on two graphics cards wins the ImageNet challenge by about ten points of top-5 error.",
    corrected: "A lecture says created in 2010, and only ReLU is new: it is of 2012, with dropout, augmentation and overlapping pooling as well.",
    source: "Krizhevsky, Sutskever and Hinton (2012), ImageNet Classification with Deep Convolutional Neural Networks",
  },
  {
    key: "kingma2014auto", year: 2013, thread: "generative", who: "Diederik Kingma, Max Welling", title: "The variational autoencoder",
    what: "Encoder and decoder are trained together on a bound of the likelihood, through noise that is passed in from outside.",
    corrected: "A lecture generates from the encoder's distribution: new samples start from the prior.",
    source: "Kingma and Welling (2014), Auto-Encoding Variational Bayes", link: "https://arxiv.org/abs/1312.6114",
  },
  {
    key: "girshick2014rich", year: 2013, thread: "convolution", who: "Ross Girshick and others", title: "R-CNN",
    what: "A convolutional network judges proposed regions of a picture, and object detection leaps forward.",
    corrected: "A lecture reads R-CNN as recurrent CNN: the R stands for regions.",
    source: "Girshick, Donahue, Darrell and Malik (2014), Rich Feature Hierarchies for Accurate Object Detection and Semantic Segmentation", link: "https://doi.org/10.1109/CVPR.2014.81",
  },
  {
    key: "rezende2014stochastic", year: 2014, thread: "generative", who: "Danilo Rezende, Shakir Mohamed, Daan Wierstra", title: "Stochastic back-propagation",
    what: "The same idea as the variational autoencoder, found independently, for deep latent Gaussian models.",
    source: "Rezende, Mohamed and Wierstra (2014), Stochastic Backpropagation and Approximate Inference in Deep Generative Models", link: "https://arxiv.org/abs/1401.4082",
  },
  {
    key: "goodfellow2014generative", year: 2014, thread: "generative", who: "Ian Goodfellow and others", title: "Generative adversarial networks",
    what: "A generator learns to fool a discriminator that learns to tell its samples from data.",
    corrected: "A lecture calls the two generator losses equivalent: they share the optimum, not the gradient.",
    source: "Goodfellow, Pouget-Abadie, Mirza, Xu, Warde-Farley, Ozair, Courville and Bengio (2014), Generative Adversarial Nets", link: "https://arxiv.org/abs/1406.2661",
  },
  {
    key: "cho2014learning", year: 2014, thread: "sequences", who: "Kyunghyun Cho and others", title: "Encoder, decoder and gated unit",
    what: "One recurrent network reads a phrase into a vector, another writes its translation; a unit with two gates is enough.",
    source: "Cho, van Merriënboer, Gulcehre, Bahdanau, Bougares, Schwenk and Bengio (2014), Learning Phrase Representations Using RNN Encoder–Decoder for Statistical Machine Translation", link: "https://doi.org/10.3115/v1/D14-1179",
  },
  {
    key: "sutskever2014sequence", year: 2014, thread: "sequences", who: "Ilya Sutskever, Oriol Vinyals, Quoc Le", title: "Sequence to sequence",
    what: "Two deep LSTMs translate whole sentences; reading the source backwards helps.",
    source: "Sutskever, Vinyals and Le (2014), Sequence to Sequence Learning with Neural Networks", link: "https://arxiv.org/abs/1409.3215",
  },
  {
    key: "bahdanau2015neural", year: 2014, thread: "sequences", who: "Dzmitry Bahdanau, Kyunghyun Cho, Yoshua Bengio", title: "Attention",
    what: "The decoder looks back at every word of the source, with weights that it computes for each word it writes.",
    source: "Bahdanau, Cho and Bengio (2015), Neural Machine Translation by Jointly Learning to Align and Translate", link: "https://arxiv.org/abs/1409.0473",
  },
  {
    key: "simonyan2015very", year: 2014, thread: "convolution", who: "Karen Simonyan, Andrew Zisserman", title: "VGG",
    what: "Sixteen and nineteen layers with weights, all convolutions 3 × 3: depth alone goes a long way.",
    corrected: "A lecture counts 16 convolutional layers in VGG16: there are 13, and 3 fully connected ones.",
    source: "Simonyan and Zisserman (2015), Very Deep Convolutional Networks for Large-Scale Image Recognition", link: "https://arxiv.org/abs/1409.1556",
  },
  {
    key: "szegedy2015going", year: 2014, thread: "convolution", who: "Christian Szegedy and others", title: "GoogLeNet",
    what: "Blocks of parallel convolutions of several sizes win the ImageNet challenge with a twelfth of AlexNet's parameters.",
    source: "Szegedy, Liu, Jia, Sermanet, Reed, Anguelov, Erhan, Vanhoucke and Rabinovich (2015), Going Deeper with Convolutions", link: "https://doi.org/10.1109/CVPR.2015.7298594",
  },
  {
    key: "kingma2015adam", year: 2014, thread: "perceptrons", who: "Diederik Kingma, Jimmy Ba", title: "Adam",
    what: "Each parameter takes steps of its own size, from running means of the gradient and of its square.",
    source: "Kingma and Ba (2015), Adam: A Method for Stochastic Optimization", link: "https://arxiv.org/abs/1412.6980",
  },
  {
    key: "ioffe2015batch", year: 2015, thread: "perceptrons", who: "Sergey Ioffe, Christian Szegedy", title: "Batch normalisation",
    what: "Each unit is standardised over the mini-batch, and much larger learning rates become usable.",
    source: "Ioffe and Szegedy (2015), Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift", link: "https://arxiv.org/abs/1502.03167",
  },
  {
    key: "ronneberger2015unet", year: 2015, thread: "convolution", who: "Olaf Ronneberger, Philipp Fischer, Thomas Brox", title: "U-Net",
    what: "An encoder and a decoder joined by skip connections segment microscope images from a few annotated ones.",
    corrected: "A lecture puts U-Net with the networks that pass everything through one vector: its skips carry feature maps across.",
    source: "Ronneberger, Fischer and Brox (2015), U-Net: Convolutional Networks for Biomedical Image Segmentation", link: "https://doi.org/10.1007/978-3-319-24574-4_28",
  },
  {
    key: "he2016deep", year: 2015, thread: "convolution", who: "Kaiming He, Xiangyu Zhang, Shaoqing Ren, Jian Sun", title: "ResNet",
    what: "Blocks that add to their input let networks of 152 layers train better than shallower ones.",
    corrected: "A lecture takes it as the cure of vanishing gradients: the paper is about deeper plain networks that train worse, even with batch normalisation.",
    source: "He, Zhang, Ren and Sun (2016), Deep Residual Learning for Image Recognition", link: "https://doi.org/10.1109/CVPR.2016.90",
  },
  {
    key: "radford2016unsupervised", year: 2015, thread: "generative", who: "Alec Radford, Luke Metz, Soumith Chintala", title: "DCGAN",
    what: "Rules for convolutional generators and discriminators make adversarial training stable enough for pictures of rooms and faces.",
    source: "Radford, Metz and Chintala (2016), Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks", link: "https://arxiv.org/abs/1511.06434",
  },
  {
    key: "chen2016infogan", year: 2016, thread: "generative", who: "Xi Chen and others", title: "InfoGAN",
    what: "A generator that must keep some of its codes recoverable learns what they stand for: digit, slant, width.",
    corrected: "A lecture drops a minus sign in the entropies, and the second network: the game is over G and Q together against D.",
    source: "Chen, Duan, Houthooft, Schulman, Sutskever and Abbeel (2016), InfoGAN: Interpretable Representation Learning by Information Maximizing Generative Adversarial Nets", link: "https://arxiv.org/abs/1606.03657",
  },
  {
    key: "vaswani2017attention", year: 2017, thread: "sequences", who: "Ashish Vaswani and others", title: "The Transformer",
    what: "Attention without recurrence translates better, and trains on all positions at once.",
    source: "Vaswani, Shazeer, Parmar, Uszkoreit, Jones, Gomez, Kaiser and Polosukhin (2017), Attention Is All You Need", link: "https://arxiv.org/abs/1706.03762",
  },
  {
    key: "brown2020language", year: 2020, thread: "sequences", who: "Tom Brown and others", title: "GPT-3",
    what: "A Transformer with 175 billion parameters does new tasks from a few examples in its input.",
    corrected: "A lecture counts the GPT models among encoder–decoders: they have a decoder only.",
    source: "Brown, Mann, Ryder, Subbiah and others (2020), Language Models Are Few-Shot Learners", link: "https://arxiv.org/abs/2005.14165",
  },
];

const [FROM, TO] = [1940, 2025];
const NEAR = 11; // pixels between two marks

/** Where each mark stands at this width: its x, its thread's lane, and how far it is stacked up in it. */
function arrange(width) {
  const toX = (year) => 14 + ((year - FROM) / (TO - FROM)) * (width - 28);
  let y = 0;
  const lanes = Object.keys(THREADS).map((thread) => {
    const levels = [];
    const marks = EVENTS.filter((event) => event.thread === thread).map((event) => {
      const x = toX(event.year);
      const free = levels.findIndex((last) => x - last >= NEAR);
      const level = free < 0 ? levels.length : free;
      levels[level] = x;
      return { event, x, level };
    });
    const top = y;
    y += 25 + NEAR * Math.max(1, levels.length);
    return { thread, top, y, marks: marks.map((mark) => ({ ...mark, y: y - NEAR * mark.level })) };
  });
  return { lanes, toX, height: y + 44 };
}

function render({ model, el }) {
  adoptStyle(LAYOUT);
  const figure = createFigure({
    model, el, name: "timeline", title: "Neural networks since 1943",
    label: "Timeline of neural networks from 1943 on in four threads: perceptrons, convolution, sequences, generative",
  });
  const chosen = () => EVENTS.filter(({ thread }) => model.get("thread") === "all" || thread === model.get("thread"));
  const current = () => chosen().find(({ key }) => key === model.get("event")) ?? chosen()[0];
  const walk = (count) => {
    const place = chosen().indexOf(current()) + count;
    figure.set({ event: chosen()[Math.min(chosen().length - 1, Math.max(0, place))].key });
  };
  const chart = createChart(figure, {
    label: "", height: (width) => arrange(width).height,
    draw: (picture, width, height) => {
      const { lanes, toX } = arrange(width);
      for (let year = FROM; year <= 2020; year += 10) {
        picture.append(svg("line", { x1: toX(year), x2: toX(year), y1: 4, y2: height - 36, stroke: "var(--dla-faint)" }));
        if (year % 20 === 0) picture.append(svg("text", { x: toX(year), y: height - 17, "text-anchor": "middle", class: "dla-soft" }, String(year)));
      }
      picture.append(svg("text", { x: width / 2, y: height - 1, "text-anchor": "middle", class: "dla-soft" }, "year"));
      for (const { thread, top, y, marks } of lanes) {
        const active = ["all", thread].includes(model.get("thread"));
        const lane = svg("g", { opacity: active ? 1 : 0.35 },
          svg("line", { x1: 0, x2: width, y1: y + 8, y2: y + 8, stroke: "var(--dla-line)" }),
          svg("text", { x: 2, y: top + 23, class: "dla-halo", "font-weight": 600 }, THREADS[thread]));
        for (const { event, x, y: at } of marks) {
          const now = event === current();
          lane.append(svg("circle", { cx: x, cy: at, r: now ? 6 : 4.2, fill: now ? "var(--dla-data)" : "var(--dla-neutral)" }));
          if (now) lane.append(svg("circle", { cx: x, cy: at, r: 10, fill: "none", stroke: "var(--dla-data)", "stroke-width": 2.5 }));
        }
        picture.append(lane);
      }
    },
  });
  steerable(chart.picture, {
    label: "Events in time: left and right arrows go to the event before and after, with Shift five events on; the text below tells it",
    move: (dx, dy, big) => walk((dx || dy) * (big ? 5 : 1)),
    point: (u, v) => {
      const [width, height] = chart.picture.getAttribute("viewBox").split(" ").slice(2).map(Number);
      const marks = arrange(width).lanes.flatMap((lane) => lane.marks).filter(({ event }) => chosen().includes(event));
      const distance = ({ x, y }) => Math.hypot(x - u * width, y - v * height);
      figure.set({ event: marks.reduce((nearest, mark) => (distance(mark) < distance(nearest) ? mark : nearest)).event.key });
    },
  });
  const back = button("◀ Before", () => walk(-1), { "data-action": "back" });
  const next = button("After ▶", () => walk(1), { class: "dla-primary", "data-action": "next" });
  const place = html("p", { class: "dla-caption" });
  const card = html("div", { class: "dla-panel dla-event" });
  const table = html("div", { class: "dla-table-box" });
  const sourceOf = ({ source, link }) => (link ? html("a", { href: link, rel: "noreferrer", target: "_blank" }, source) : source);
  figure.body.append(
    html("div", { class: "dla-row" },
      choice(figure, { trait: "thread", label: "thread", options: [["all", "all threads"], ...Object.entries(THREADS)] }),
      html("div", { class: "dla-buttons" }, back, next), place),
    chart.picture, card,
    html("details", {}, html("summary", {}, "All events of this choice"), table),
  );

  const draw = () => {
    const events = chosen();
    const event = current();
    const index = events.indexOf(event);
    back.disabled = index === 0;
    next.disabled = index === events.length - 1;
    place.replaceChildren("event ", value("place", index + 1, { digits: 0 }), " of ", value("events", events.length, { digits: 0 }));
    card.replaceChildren(
      html("p", { class: "dla-year" }, value("year", event.year, { digits: 0 }), ` · ${event.title}`),
      html("p", { class: "dla-caption" }, event.who),
      html("p", {}, event.what),
      event.corrected ? html("p", { class: "dla-corrected" }, html("b", { class: "dla-error" }, "Corrected. "), event.corrected) : "",
      html("p", { class: "dla-caption" }, "Source: ", sourceOf(event)));
    table.replaceChildren(dataTable(["year", "what", "who", "source"], events.map((one) => html("tr", { "data-key": one.key, "aria-current": one === event ? "true" : undefined },
      html("th", { scope: "row" }, String(one.year)), html("td", {}, one.title), html("td", {}, one.who), html("td", {}, sourceOf(one)))), { class: "dla-events" }));
    chart.redraw();
    figure.say(`Event ${index + 1} of ${events.length}, ${THREADS[event.thread]}. ${event.year}, ${event.who}: ${event.title}. ${event.what}${event.corrected ? ` Corrected: ${event.corrected}` : ""}`);
  };
  figure.watch(Object.keys(defaults), batched(draw));
  draw();
  return figure.cleanup;
}

export default { render };
